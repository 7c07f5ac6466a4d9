"""The sample texts of the look page.

They have a context of their own, so that a word such as "Name" shown there never decides how another page says it.
"""

from django.utils.translation import pgettext_lazy

WORDS = {
    "sample_texts": pgettext_lazy("look page", "“words.…” are sample texts: a page writes _(“…”) itself."),
    "a_card_that_is_a": pgettext_lazy("look page", "A card that is a link"),
    "a_little_less_than_half": pgettext_lazy("look page", "a little less than half"),
    "a_number_comes_with_its": pgettext_lazy(
        "look page", "A number comes with its unit, and a total with its course."
    ),
    "actions": pgettext_lazy("look page", "Actions"),
    "add": pgettext_lazy("look page", "Add"),
    "add_a_key_pair": pgettext_lazy("look page", "Add a key pair"),
    "asking_before_something_is_destroyed": pgettext_lazy(
        "look page", "Asking before something is destroyed"
    ),
    "answered": pgettext_lazy("look page", "Answered"),
    "at_once": pgettext_lazy("look page", "At once"),
    "autumn_list": pgettext_lazy("look page", "Autumn list"),
    "badges": pgettext_lazy("look page", "Badges"),
    "banner": pgettext_lazy("look page", "Banner"),
    "blocks": pgettext_lazy("look page", "Blocks"),
    "blocks_go_on_with_another": pgettext_lazy(
        "look page", "Blocks go on with another account; this one works again in a few minutes."
    ),
    "buttons": pgettext_lazy("look page", "Buttons"),
    "calls": pgettext_lazy("look page", "Calls"),
    "cancel": pgettext_lazy("look page", "Cancel"),
    "card": pgettext_lazy("look page", "Card"),
    "cards": pgettext_lazy("look page", "Cards"),
    "chart": pgettext_lazy("look page", "Chart"),
    "check_again": pgettext_lazy("look page", "Check again"),
    "checked": pgettext_lazy("look page", "Checked"),
    "code": pgettext_lazy("look page", "Code"),
    "code_from_telegram": pgettext_lazy("look page", "Code from Telegram"),
    "colour_never_speaks_alone_a": pgettext_lazy(
        "look page", "Colour never speaks alone: a badge always has words."
    ),
    "colours_and_type": pgettext_lazy("look page", "Colours and type"),
    "continues_in": pgettext_lazy("look page", "Continues in"),
    "created": pgettext_lazy("look page", "Created"),
    "csv_txt_or_xlsx": pgettext_lazy("look page", "CSV, TXT or XLSX"),
    "delete": pgettext_lazy("look page", "Delete"),
    "delete_it_and_its_results": pgettext_lazy("look page", "Delete it and its results"),
    "delete_this_check": pgettext_lazy("look page", "Delete this check?"),
    "dialog": pgettext_lazy("look page", "Dialog"),
    "dialogs_menus_toasts": pgettext_lazy("look page", "Dialogs, menus, toasts"),
    "empty_state": pgettext_lazy("look page", "Empty state"),
    "errors": pgettext_lazy("look page", "Errors"),
    "every_component_in_all_its": pgettext_lazy(
        "look page",
        "Every component in all its states. Take the source as it stands; pages need no styles of their own.",
    ),
    "export": pgettext_lazy("look page", "Export"),
    "failed": pgettext_lazy("look page", "Failed"),
    "fields": pgettext_lazy("look page", "Fields"),
    "first_steps": pgettext_lazy("look page", "First steps"),
    "forms": pgettext_lazy("look page", "Forms"),
    "found": pgettext_lazy("look page", "Found"),
    "full": pgettext_lazy("look page", "Full"),
    "icons": pgettext_lazy("look page", "Icons"),
    "it_lifts_a_little_when": pgettext_lazy("look page", "It lifts a little when the pointer is over it."),
    "kinds": pgettext_lazy("look page", "Kinds"),
    "label_above_help_below_error": pgettext_lazy(
        "look page", "Label above, help below, error beside the field and tied to it for screen readers."
    ),
    "line_12_has_no_number": pgettext_lazy(
        "look page", "Line 12 has no number. Correct the file and upload it again."
    ),
    "lists": pgettext_lazy("look page", "Lists"),
    "log": pgettext_lazy("look page", "Log"),
    "look": pgettext_lazy("look page", "Look"),
    "menu": pgettext_lazy("look page", "Menu"),
    "more": pgettext_lazy("look page", "More"),
    "n50_000_numbers_and_their": pgettext_lazy(
        "look page",
        "50,000 numbers and their verdicts are erased. This cannot be undone; an export can be made first.",
    ),
    "n50_000_numbers_in_100": pgettext_lazy(
        "look page", "50,000 numbers in 100 blocks, started an hour ago."
    ),
    "name": pgettext_lazy("look page", "Name"),
    "names_and_values": pgettext_lazy("look page", "Names and values"),
    "no_checks_yet": pgettext_lazy("look page", "No checks yet"),
    "not_found": pgettext_lazy("look page", "Not found"),
    "notices": pgettext_lazy("look page", "Notices"),
    "notices_and_empty_states": pgettext_lazy("look page", "Notices and empty states"),
    "number": pgettext_lazy("look page", "Number"),
    "numbers": pgettext_lazy("look page", "Numbers"),
    "numbers_2": pgettext_lazy("look page", "numbers"),
    "numbers_are_read_as_german": pgettext_lazy(
        "look page", "Numbers are read as German ones unless they begin with +."
    ),
    "numbers_with_a_picture": pgettext_lazy("look page", "Numbers with a picture"),
    "one_primary_button_on_a": pgettext_lazy(
        "look page", "One primary button on a page. Attributes go through; underscores become hyphens."
    ),
    "pause": pgettext_lazy("look page", "Pause"),
    "per_hour": pgettext_lazy("look page", "per hour"),
    "progress": pgettext_lazy("look page", "Progress"),
    "queued": pgettext_lazy("look page", "Queued"),
    "resting": pgettext_lazy("look page", "Resting"),
    "results": pgettext_lazy("look page", "Results"),
    "running": pgettext_lazy("look page", "Running"),
    "save": pgettext_lazy("look page", "Save"),
    "search_filters_order_and_page": pgettext_lazy(
        "look page", "Search, filters, order and page live in the address; each of them keeps the others."
    ),
    "search_filters_table_pages": pgettext_lazy("look page", "Search, filters, table, pages"),
    "search_numbers_and_names": pgettext_lazy("look page", "Search numbers and names"),
    "shares": pgettext_lazy("look page", "Shares"),
    "show_two_toasts": pgettext_lazy("look page", "Show two toasts"),
    "simulated_telegram_nothing_here_is": pgettext_lazy(
        "look page", "Simulated Telegram: nothing here is real."
    ),
    "sizes_and_states": pgettext_lazy("look page", "Sizes and states"),
    "skeleton_copyable_line_code": pgettext_lazy("look page", "Skeleton, copyable line, code"),
    "speed": pgettext_lazy("look page", "Speed"),
    "start": pgettext_lazy("look page", "Start"),
    "started": pgettext_lazy("look page", "Started"),
    "states": pgettext_lazy("look page", "States"),
    "tabs": pgettext_lazy("look page", "Tabs"),
    "telegram_asks_for_a_pause": pgettext_lazy("look page", "Telegram asks for a pause"),
    "the_session_is_stored_encrypted": pgettext_lazy("look page", "The session is stored encrypted."),
    "this_account_rests": pgettext_lazy("look page", "This account rests."),
    "thousands_of_blocks": pgettext_lazy("look page", "Thousands of blocks"),
    "toasts": pgettext_lazy("look page", "Toasts"),
    "tones": pgettext_lazy("look page", "Tones"),
    "took": pgettext_lazy("look page", "Took"),
    "totals": pgettext_lazy("look page", "Totals"),
    "try_sample_data": pgettext_lazy("look page", "Try sample data"),
    "type": pgettext_lazy("look page", "Type"),
    "upload": pgettext_lazy("look page", "Upload"),
    "upload_a_list": pgettext_lazy("look page", "Upload a list"),
    "upload_a_list_of_phone": pgettext_lazy(
        "look page", "Upload a list of phone numbers and see which of them have a Telegram account."
    ),
    "verdict": pgettext_lazy("look page", "Verdict"),
    "verdicts": pgettext_lazy("look page", "Verdicts"),
    "views_of_this_check": pgettext_lazy("look page", "Views of this check"),
    "unanswered": pgettext_lazy("look page", "Unanswered"),
    "wait": pgettext_lazy("look page", "Wait"),
    "waiting": pgettext_lazy("look page", "Waiting"),
    "warm_paper_petrol_accent_six": pgettext_lazy(
        "look page", "Warm paper, petrol accent, six tones. A tone on an element hands its colours down."
    ),
    "you_get_it_at_my": pgettext_lazy(
        "look page", "You get it at my.telegram.org under “API development tools”."
    ),
}
