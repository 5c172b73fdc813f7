"use strict";
/* Paper cannot be opened: what is folded away is printed open, and folded again after.  Needs
   nothing else. */
(() => {
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details:not([open])")];
    for (const one of opened) {
      one.open = true;
      one.dispatchEvent(new Event("toggle"));  // what is filled when opened, now and not after printing
    }
  });
  addEventListener("afterprint", () => {
    for (const one of opened) one.open = false;
    opened = [];
  });
})();
