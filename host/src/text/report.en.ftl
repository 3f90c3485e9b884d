# Reports: the words on paper, in the workbook, in CSV, and what loa report says.

report-about = Make a report: what was due, where it was heard, for how many minutes, what failed and why
report-help-campaign = This campaign alone (the period is narrowed to the campaign's own)
report-help-place = This place and all below it: its code, or code@first-day where the code has meant several places
report-help-player = This player alone
report-help-clip = Orders that air this clip alone
report-help-from = From this date (on the place's clock)
report-help-to = To the end of this date
report-help-as-of = As the desk knew it at this moment; default: now
report-help-silent-days = A player is silent when none of its due cues was reported for so many days
report-help-format = csv, xlsx, pdf or json
report-help-output = The file to write; for csv there is a second one, its name ending in -failures
report-help-office = Who reports, printed at the top left
report-examples =
    Examples:
      loa report --campaign nhan-quyen-1079 --from 2026-01-01 --to 2026-11-30 --format pdf -o report-1079.pdf
      loa report --place 24@2025-07-01 --from 2026-12-01 --to 2026-12-31 --format xlsx -o december.xlsx
      loa report --from 2026-12-01 --to 2026-12-31 --as-of 2027-01-05 --format csv -o december.csv

    Every cue that was due stands under exactly one heading: played, partial, interrupted, missed (with the reason), not reported.
    What was due is worked out from the orders, players and places of that very moment: removing one today changes nothing about yesterday.
    The same --as-of gives the same numbers, even when records come in late afterwards.
report-empty-period = --to ({ $to }) comes before --from ({ $from }): the period must have at least one day.
report-outside-campaign = The period lies outside that of the campaign “{ $campaign }” ({ $from } to { $until }).
report-no-place = There never was a place with the code “{ $asked }”. See the codes with: loa players
report-no-campaign-known = There never was a campaign “{ $asked }”. Campaigns there are: { $known }
report-no-player = There never was a player “{ $asked }”. See the players with: loa players
report-no-clip = There never was a clip “{ $asked }”. See the clips with: loa clip list
report-unwritable = “{ $file }” cannot be written: { $error }. Nothing half-written was left.
report-written = Wrote { $file }
report-expected-days = a number of days from 1 to 366
report-later-than-now = --as-of lies in the future; choose a moment that has passed.

report-title = Report on broadcasts aired and shown
report-state = SOCIALIST REPUBLIC OF VIET NAM
report-motto = Independence - Freedom - Happiness
report-number = No. ………/BC-………
report-place-and-day = ……………, date ……………………
report-page = Page { $number } of { $count }
report-period = from { $from } to the end of { $until }
report-about-period = Period
report-about-campaign = Campaign
report-about-decision = Under decision
report-about-place = Place
report-about-player = Player
report-about-clip = Clip
report-about-as-of = As of
report-total = Sum
report-never = there is no record yet
report-no-campaign = (no campaign)
report-no-language = (no language given)
report-no-category = (no category given)
report-other-orders = (other orders)
report-language-vi = Vietnamese
report-language-tyz = Tày
report-language-nut = Nùng
report-language-hmn = Hmong
report-language-km = Khmer
report-language-en = English
report-kind-speaker = Loudspeaker
report-kind-board = Board

report-table-coverage = Coverage by place
report-table-months = By month
report-table-languages = Minutes by language
report-table-categories = Minutes by category
report-table-reasons = Missed and not reported, by reason
report-table-evidence = Levels of evidence
report-table-failures = What was not whole, and why
report-table-players = Players
report-table-silent = Silent players
report-no-failures = No cue was partial, interrupted, missed or not reported.
report-failures-cut = These are the { $shown } most frequent; { $left } more are in the workbook (--format xlsx).
report-sheet-front = Summary
report-sheet-coverage = Places
report-sheet-months = Months
report-sheet-languages = Languages
report-sheet-categories = Categories
report-sheet-reasons = Reasons
report-sheet-evidence = Evidence
report-sheet-failures = Not whole
report-sheet-players = Players
report-note = Notes

report-column-place = Place
report-column-within = Within
report-column-code = Code
report-column-campaign = Campaign
report-column-due = Due
report-column-played = Played ({ $level })
report-column-played-all = Played
report-column-partial = Partial
report-column-interrupted = Cut off
report-column-missed = Missed
report-column-unreported = Not reported
report-column-share = Share played
report-column-minutes-due = Minutes due
report-column-minutes = Minutes heard ({ $level })
report-column-minutes-all = Minutes heard
report-column-month = Month
report-column-kind = Kind
report-column-language = Language
report-column-category = Category
report-column-what = What became of it
report-column-reason = Reason
report-column-cues = Cues
report-column-level = Level
report-column-means = Means
report-column-extra = Cues not due
report-column-extra-minutes = Minutes not due
report-column-player = Player
report-column-name = Name
report-column-order = Order
report-column-first = First
report-column-last = Last
report-column-newest = Newest record
report-column-silent = Silent since
report-column-removed = Removed

report-unreported = not reported
report-what-missed = missed
report-what-partial = partial
report-what-interrupted = interrupted
report-what-commanded = commanded alone (E0)
report-what-awaited = not reported, may still come
report-what-no-timetable = the player had no timetable yet
report-what-unaccounted = unknown: later records have come

report-chart = Cues by month
report-part-played = played (E1 or more)
report-part-cut = partial, interrupted, E0
report-part-missed = missed
report-part-unreported = not reported
report-grid-players = Share played, by player
report-grid-places = Share played, by place
report-shade-0 = from 95%
report-shade-1 = from 80%
report-shade-2 = from 50%
report-shade-3 = above 0%
report-shade-4 = none
report-share-means = Share played = cues played to the end with evidence of level E1 or more, divided by cues due. Cues that were partial, interrupted or not reported do not count as played.
report-level-0 = the player was told to; proves no sound
report-level-1 = decoded and handed to the output, or drawn on the board
report-level-2 = the line to the horn was measured as driven
report-level-3 = a microphone heard it
report-levels-mean = Levels of evidence stand apart and are not added up. Records are signed by the players themselves; E0 to E2 do not say whether people really heard it.
report-completeness = How complete this is
report-complete-newest = The newest record came: { $newest }.
report-complete-players = { $whole } of { $players } players have reported every due cue; { $cues } cues are not reported.
report-complete-silent = { $silent } players are silent: no due cue reported for { $days } days or longer.
report-complete-extra = { $cues } cues were aired though they were not due (an order just replaced or revoked, say); they do not count.
report-complete-doubled = { $cues } further records about a cue that had one; only the first counts.
report-complete-other = { $cues } cues were aired from an earlier or later version of the same order; they count.
report-log = The log to check against
report-log-none = No log was given with this report: its numbers cannot be checked against a log that shows tampering.
report-log-given = The records behind this report are in the log below, in the state of this size and root.
report-log-origin = Log { $origin }, { $size } entries.
report-log-root = Root (SHA-256): { $root }
report-log-note = Checkpoint
report-log-scan = This code holds the log's signed checkpoint word for word. Scan it and compare it with the checkpoint that the log publishes.
report-log-too-long = The checkpoint is longer than a code can hold; it stands in the workbook and in the JSON file.
report-sign-preparer = Prepared by
report-sign-checker = Checked by
report-sign-head = Head of the unit
report-sign-how-preparer = (signature, full name)
report-sign-how-checker = (signature, full name)
report-sign-how-head = (signature, seal, full name)
