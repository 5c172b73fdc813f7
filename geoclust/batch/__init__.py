"""Many studies in one go: countries by the dozen, whatever happens on the way.

In the order of a run: `config` reads the batch file, `planning` and `splitting` make it into
studies (`plan` joins them, `naming` names their folders), `holding` keeps the folder, `keys` and
`finished` tell what is done already, `work` runs one study, `processes` and `cluster` many, and
`journal` notes what happened.  Then `combining` ranks all clusters together, `accounts` tells what
became of each study, and `writing` and `page` write it out.  `running` is the whole.
"""

from geoclust.batch.config import BatchConfig
from geoclust.batch.outcome import Batch
from geoclust.batch.running import run_batch

__all__ = ["Batch", "BatchConfig", "run_batch"]
