"""Every hard input with what it must get and the tests that hold it to that.

A test is named `file::function`; `test_hard_inputs.py` fails where a line has none, where a named
test does not exist, and where a line of the design document is not here.
"""

from typing import NamedTuple


class Line(NamedTuple):
    """One hard input, as the design says it."""

    input: str
    must: str
    tests: tuple[str, ...]


HARD = "test_records_hard_inputs"
FILES = "test_records_files"
READING = "test_records_reading"
COMMAND = "test_postgis_command"
OWN = "test_hard_inputs"
EVERY_ROW = f"{HARD}::test_every_hard_row_gets_its_stated_answer"
REFUSED = f"{FILES}::test_what_is_not_what_it_says_is_refused_fast"
GENERATED = f"{OWN}::test_every_file_of_the_generator_gets_its_stated_answer"

ROWS = (
    Line(
        "NaN, inf, 1e400, text in a coordinate",
        "rejected, named; nothing non-finite reaches clustering",
        (EVERY_ROW, f"{OWN}::test_any_text_in_a_coordinate_is_a_finite_degree_or_a_reason"),
    ),
    Line(
        "latitude beyond 90, longitude 181 to 360, (0, 0), piles",
        "rejected / wrapped only on request / warned with counts",
        (EVERY_ROW, f"{HARD}::test_a_pile_on_the_middle_of_a_country_is_warned_of"),
    ),
    Line(
        "swapped, radians, E7, projected metres in a whole column",
        "the column is diagnosed, never repaired silently",
        (
            f"{HARD}::test_a_whole_column_is_diagnosed_never_repaired",
            f"{HARD}::test_swapped_columns_show_without_countries_where_out_of_range",
        ),
    ),
    Line(
        "decimal comma, semicolon, tab, DMS, thousands separators",
        "read right or refused; never one silent column",
        (EVERY_ROW, REFUSED, f"{HARD}::test_numbers_are_read_by_the_stated_rule"),
    ),
    Line(
        "BOM, UTF-16, latin-1, NUL, mixed and quoted newlines, ragged rows, quotes, a column twice",
        "right text, or the record named",
        (
            EVERY_ROW,
            f"{HARD}::test_names_keep_accents_newlines_and_quotes",
            f"{READING}::test_columns_that_cannot_be_told_are_refused",
        ),
    ),
    Line(
        "NA the country, id 0012, 20-digit ids, MARCH1, Excel serial dates",
        "kept as text; nothing changed",
        (
            f"{HARD}::test_text_stays_what_it_is",
            f"{FILES}::test_cells_that_a_spreadsheet_changed_are_warned_of",
            f"{FILES}::test_long_ids_of_geojson_and_parquet_keep_their_digits",
            "test_postgis_reading::test_rows_types_and_nulls_come_as_the_server_has_them",
            "test_stores_reading::test_names_of_partitions_are_text_as_written",
        ),
    ),
    Line(
        "duplicate ids; two spellings; one point 100,000 times",
        "listed; the choice is recorded; clustering stays exact and finite",
        (
            EVERY_ROW,
            f"{READING}::test_the_most_complete_of_clashing_rows_is_kept",
            f"{HARD}::test_a_hundred_thousand_records_at_one_point_are_kept",
            f"{OWN}::test_a_hundred_thousand_records_at_one_point_cluster_exactly",
        ),
    ),
    Line(
        "negative or zero weight, year 20205, funding 12 M",
        "rejected or parsed with the rule stated",
        (EVERY_ROW, f"{HARD}::test_numbers_are_read_by_the_stated_rule"),
    ),
    Line(
        "a tie to an unknown organisation, to itself, twice",
        "set aside with reason / counted once as documented",
        (f"{READING}::test_ties_are_judged_with_the_organisations",),
    ),
)

FILE_LINES = (
    Line(
        "empty, header only, HTML page, gzip without .gz, truncated Parquet or GeoPackage",
        "exit 2, says what it looks like, under 2 s",
        (REFUSED, GENERATED),
    ),
    Line(
        "mixed, missing or wrong reference systems; projected data labelled 4326",
        "refused, both named",
        (
            f"{FILES}::test_metres_labelled_as_degrees_are_refused_naming_both",
            f"{FILES}::test_degrees_labelled_as_metres_are_refused",
            f"{FILES}::test_a_layer_of_mixed_systems_is_refused",
            f"{FILES}::test_a_missing_system_is_believed_only_for_degrees",
            "test_postgis_reading::test_other_systems_are_transformed_with_words_mixed_ones_refused",
        ),
    ),
    Line(
        "20 million rows; one 300 MB line",
        "streamed in bounded memory; refused",
        (
            "test_streaming::test_twenty_million_rows_fit_into_two_gigabytes",
            f"{OWN}::test_bombs_are_refused_in_a_second_and_two_hundred_megabytes",
        ),
    ),
    Line(
        "zip, gzip and xlsx bombs (4 MB to 2 GB)",
        "refused by declared and by actual size, under 1 s and 200 MB",
        (
            f"{OWN}::test_bombs_are_refused_in_a_second_and_two_hundred_megabytes",
            f"{FILES}::test_an_excel_bomb_is_refused_by_declared_and_by_actual_size",
        ),
    ),
    Line(
        "OGR-VRT or GDALG named .geojson, /vsi and scheme: paths, symlinks out of the folder",
        "refused before opening",
        (
            GENERATED,
            f"{FILES}::test_addresses_and_virtual_paths_are_not_opened",
            f"{FILES}::test_links_out_of_the_input_folder_are_refused",
            "test_security::test_no_input_is_given_to_gdal",
        ),
    ),
    Line(
        "pickle, joblib or object-npy offered as cache or hierarchy",
        "never loaded",
        ("test_storage::test_nothing_foreign_is_unpickled", REFUSED, GENERATED),
    ),
)

NAMES = (
    Line(
        "<img src=x onerror=...>, </script>, ${...}, javascript: in any name, on every HTML output",
        "shown as text; no dialog, no request",
        (
            "test_report_browser::test_names_that_are_scripts_are_text",
            "test_report_browser::test_hostile_names_are_text_in_every_new_part",
            "test_display::test_hostile_names_stay_text",
            "test_hostile_pages::test_no_name_runs_on_any_page",
            "test_batch::test_the_page_in_a_browser",
            "test_explore_map::test_the_map_appears_in_the_notebook_and_a_hostile_name_does_nothing",
        ),
    ),
    Line(
        "= + - @ tab, CR and full-width = at the start of a cell",
        "stored as text; reversible",
        (
            f"{OWN}::test_a_cell_that_is_a_formula_is_stored_as_text_and_comes_back",
            "test_results::test_hostile_names_survive_the_round_trip",
        ),
    ),
    Line(
        "country or study named ../../x, CON, 300 characters, six spellings that collide",
        "inside the output folder, all distinct",
        (
            f"{OWN}::test_names_of_countries_and_studies_stay_inside_the_folder",
            "test_batch::test_names_become_safe_folders_all_distinct_whatever_the_order",
            "test_batch::test_any_names_become_distinct_folders",
        ),
    ),
    Line(
        "SQL in table, column, condition, connection string",
        "literal or error; the password is in no log and no manifest",
        (
            "test_postgis_reading::test_a_condition_is_a_value_and_never_a_statement",
            "test_postgis_reading::test_names_are_quoted_by_the_driver",
            "test_postgis_reading::test_a_password_in_an_address_is_refused_and_not_repeated",
            f"{COMMAND}::test_nothing_repeats_a_password_that_stands_where_it_must_not",
            f"{COMMAND}::test_a_study_from_postgis_is_that_from_files_and_is_published_back",
            "test_stores_reading::test_a_condition_is_a_value_and_never_a_statement",
            "test_publishing::test_a_hostile_schema_name_is_a_name",
        ),
    ),
)

STATISTICS = (
    Line(
        "0, 1, 2 records; all identical; collinear; too few; all noise; one region only",
        "a stated result with a reason; never a line in a polygon layer, never NaN",
        (f"{OWN}::test_a_degenerate_world_has_a_stated_result",),
    ),
    Line(
        "a country with one city (200 firms in it, 200 scattered)",
        "the city is a region (finite max_link_km); with inf, a warning with guidance",
        (
            "test_clustering::test_city_among_scattered_firms",
            "test_clustering::test_one_city_country",
        ),
    ),
    Line(
        "groups on the antimeridian, at both poles, at (0, 0)",
        "one region each; area within 0.5 % of the same group moved inland",
        (
            "test_delineation::test_a_group_is_one_region_with_the_area_it_has_inland",
            "test_seam::test_records_on_them_are_one_location_and_one_region",
        ),
    ),
    Line(
        "a far-away country added",
        "the others' regions unchanged (finite max_link_km)",
        (
            "test_invariants::test_a_far_away_country_changes_nothing",
            "test_clustering::test_far_away_country_changes_nothing",
        ),
    ),
    Line(
        "rows shuffled, threads and workers varied",
        "the same bytes; across machines the same labels",
        (
            "test_invariants::test_row_order_and_files_change_no_byte",
            "test_exactness::test_every_file_from_rows_in_another_order",
            "test_exactness::test_compiled_on_threads",
            "test_cli::test_a_study_on_a_dask_cluster_writes_the_same_bytes",
            "test_publishing::test_the_same_geopackage_twice_is_the_same_file",
        ),
    ),
    Line(
        "longitudes rotated by 90 degrees, hemispheres mirrored",
        "the same partition; for other angles where no gap is under 1 m",
        ("test_clustering::test_quarter_turns_and_mirrors_keep_the_partition",),
    ),
)

FAULTS = (
    Line(
        "SIGKILL at any moment, then resume",
        "outputs equal to an uninterrupted run",
        (
            "test_batch_faults::test_killed_three_times_and_resumed_it_leaves_the_same_bytes",
            "test_batch_faults::test_60_countries_killed_at_20_random_moments",
            "test_faults::test_a_run_that_loses_its_folder_or_its_life_can_be_repeated",
            "test_robustness_command::test_killed_twice_and_run_again_it_gives_the_same_bytes",
            "test_report::test_a_run_killed_while_swapping_is_put_right",
        ),
    ),
    Line(
        "the N-th write, fsync or rename fails; a full tmpfs; read-only output",
        "exit 6 with path and free space; the manifest comes last",
        (
            "test_faults::test_the_command_with_a_fault_at_every_single_operation",
            "test_faults::test_a_full_disk_of_8_mb",
            "test_faults::test_a_read_only_folder_is_told_before_computing",
            "test_batch_faults::test_every_operation_of_a_batch_fails_once",
            "test_report::test_a_full_disk",
            "test_publishing::test_a_file_store_that_cannot_be_written_leaves_nothing",
        ),
    ),
    Line(
        "a bit flipped or a tail cut in each cached or finished file",
        "noticed by checksum, redone",
        (
            "test_storage::test_any_flipped_bit_is_noticed",
            "test_storage::test_any_cut_tail_is_noticed",
            "test_results::test_an_altered_or_missing_file_is_named",
            "test_faults::test_a_bit_flipped_or_a_tail_cut_is_noticed_in_every_file_and_put_right",
            "test_batch_faults::test_every_file_of_a_finished_study_is_guarded",
        ),
    ),
    Line(
        "a worker killed; a task over its memory",
        "retried, same answer; else that unit failed, the others done",
        (
            "test_tiles::test_a_killed_worker_changes_nothing",
            "test_batch_faults::test_a_worker_killed_costs_its_study_another_try_and_three_the_study",
            "test_robustness_running::test_a_killed_process_is_replaced_and_changes_nothing",
        ),
    ),
    Line(
        "two runs into one folder; Ctrl-C; a stale lock",
        "the second refuses and names the first; resumable",
        (
            "test_report::test_a_second_run_is_refused_and_names_the_first",
            "test_report::test_a_killed_run_leaves_no_lock_behind",
            "test_batch_faults::test_a_second_batch_into_the_folder_is_refused_and_names_the_first",
            "test_cli::test_interruption_exits_130_and_leaves_nothing_half_written",
            "test_publishing::test_two_runs_into_one_schema_the_second_is_refused",
        ),
    ),
    Line(
        "PostGIS goes away in the middle",
        "nothing half-written; host and table named",
        (
            "test_publishing::test_a_server_that_goes_away_leaves_what_was_there",
            "test_postgis_reading::test_a_server_that_goes_away_is_named",
        ),
    ),
)

SECTIONS = {
    "Rows": ROWS,
    "Files": FILE_LINES,
    "Names that attack": NAMES,
    "Geometry and statistics": STATISTICS,
    "Faults": FAULTS,
}
