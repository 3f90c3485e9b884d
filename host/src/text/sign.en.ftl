# Officers' keys, signing requests, the root document.

key-about = An officer's key: make, show, change its passphrase, sign (on the officer's own machine)
key-examples =
    Examples:
      loa key new mai.key --name "Nguyễn Thị Mai"      make a key; mai.key.pub is what the desk is given
      loa key show mai.key                             the fingerprint, to be read to each other
      loa key sign request --key mai.key               see what will be aired where and when, then sign
key-new-about = Make a key, kept behind a passphrase
key-show-about = Show name, public key and fingerprint; needs no passphrase
key-passphrase-about = Change a key's passphrase
key-sign-about = Show a signing request in plain words, then sign it
key-help-file = The key file
key-help-name = Name of the key's holder (the file's name, by default)
key-help-passphrase-file = Read the passphrase from the first line of this file instead of asking
key-help-new-passphrase-file = Read the new passphrase from the first line of this file instead of asking
key-help-request = The signing request that the desk wrote
key-help-key = The key file to sign with
key-help-root = The root document that you hold, to compare with
key-help-out = Write the signed request to this file (by default the signature is added to the request)
key-help-zone = The time zone of the times on this page
key-help-yes = Do not ask again (for programs; read the page first)
key-shown =
    Holder:       { $name }
    Fingerprint:  { $fingerprint }
    Public key:   { $key }
key-made =
    Made { $file } (keep it secret, and a copy elsewhere) and { $public } (give it to the desk).
    Nobody can restore a forgotten passphrase: then make a new key and change the root document.
key-passphrase-changed = The passphrase of { $file } is changed. Older copies of the file still open with the old one: destroy them.

passphrase-new = New passphrase (at least 12 characters):{ " " }
passphrase-again = The same again:{ " " }
passphrase-ask = Passphrase of { $file }:{ " " }
passphrase-short = The passphrase is too short: at least { $least } characters. Four words that have nothing to do with each other are right.
passphrase-differs = The two differ. Nothing has changed; try again.
passphrase-none = There is no passphrase on the input. Type it, use --passphrase-file, or give one line on standard input.
passphrase-unread = The passphrase cannot be read: { $why }.

officer-malformed = { $path } is not an officer's key file: line { $line } should be “{ $expected }…”. Restore the file from a copy.
officer-kind = { $path } is a key of the kind “{ $kind }”, which this version of loa does not know. Update loa.
officer-bounds = { $path } asks for too much memory or work, or too little to keep a key secret (argon2id: 1 MiB to 1 GiB, t 1–16, p 1–4). Loa did not write it; restore the file from a copy.
officer-passphrase = Wrong passphrase, or { $path } was changed. Try again; if the passphrase is surely right, restore the file from a copy.
officer-exists = { $path } is there already. A key is never overwritten; choose another name.
officer-name = The holder's name must be one line of 1 to { $most } bytes. Use --name.
officer-memory = There is not enough memory to keep a key behind a passphrase (128 MiB).

request-foreign = { $path } is no signing request. Use the file that loa apply --request or loa root wrote.
request-damaged = { $path } was damaged on its way. Copy it from the desk again.
request-empty = { $path } asks for nothing to be signed. Make the request anew at the desk.
request-nothing = There is no signing request yet.
request-unknown = { $path } holds something that this version of loa cannot read to the end, so it is not signed. Update loa to the desk's version.
request-differs = { $path } is a signed copy of another request. All copies must be of the same one.
request-full = This request has { $most } signers already; no more fit.
request-too-large = Too many orders for one request (at most { $most }). Split the timetable.
request-needless = No order needs signing. Run loa apply without --request.
request-older-root = The request is made under version { $asked } of the root document; you hold version { $known }, which is newer. Do not sign; have the desk make it anew.
request-newer-root = The request is made under version { $asked } of the root document; you hold version { $known }, which is older. Get the newer one and ask who changed it before you sign.
request-forged-root = The request names another document of the same version ({ $known }) than the root document you hold (it says { $asked }). Do not sign; ask the desk and the other officer.
request-other-root = The request is made under version { $asked } of the root document; this desk uses another, version { $known }. Ask for signatures anew: loa apply … --request
request-is-root = This request is for a root document. Take it in with loa root accept.
request-stale = Order “{ $order }” is no longer what was asked to be signed: the timetable has changed, or the request was applied already. Ask for signatures anew: loa apply … --request
request-stale-more = The request has orders that this timetable no longer has: it has changed, or the request was applied already. Ask for signatures anew: loa apply … --request
request-written = Wrote { $path }: { $count } orders to sign, request code { $hash }. Nothing is signed, nothing airs. Give the file to each officer (loa key sign), then: loa apply … --signed FILE…
request-signed = Signed { $count } entries into { $path }. Bring this file back to the desk.

signers-counted = Signed: { $signer }
signers-stranger = Does not count: { $signer }, a key that is not in the root document
signers-spoilt = Does not count: { $signer }, a signature is wrong or missing
signers-missing = { $valid } officers have signed, { $needed } are needed: { $missing } missing. Nothing has changed.
signers-may = May still sign: { $key }

apply-help-request = Write the orders that need signing to this file, for officers to sign on their machines; sign and issue nothing
apply-help-signed = Apply with the officers' signatures in these files (loa key sign)
apply-needs-officers = This desk's orders need the signatures of { $needed } of { $of } officers, and no key here is enough. Write a request: loa apply … --request FILE, have each officer sign it with loa key sign, then: loa apply … --signed FILE… Nothing has changed.
apply-no-officer = The key { $path } is no officer's of the root document; players would not listen. See: loa root show
apply-unsigned = An order lacks officers' signatures ({ $why }). Nothing has changed.

sign-head = Signing request, code { $hash }, made { $made } ({ $zone }). Read the code to the other officer: both must see the same.
    What stands between « and » is the desk's word only. All else is what gets signed.
sign-under = «Under version { $version } of the root document» (compare it yourself with --root)
sign-under-known = Under version { $version } of the root document, the one you hold
sign-emergencies = !!!  { $count } EMERGENCY ORDERS: aired in quiet hours too, cutting every other programme  !!!
sign-order = ── Order { $number }/{ $count }: { $order }
sign-class = Class
sign-class-normal = normal
sign-class-priority = priority
sign-class-emergency = !!! EMERGENCY !!!
sign-programme = Programme
sign-clip = clip, { $length }, { $size }, hash { $hash }
sign-slide = slide, { $length }, { $size }, hash { $hash }
sign-where = Where
sign-place = { $code } (since { $from })
sign-everywhere = EVERYWHERE
sign-any-place = any place, among the players below
sign-players = Players
sign-tags = Tags
sign-kinds = Kinds
sign-kind-speaker = loudspeakers
sign-kind-board = boards
sign-languages = Languages
sign-when = When
sign-local = { $sentence } (on the clock of the place)
sign-once = once, { $moment } ({ $zone })
sign-never = never
sign-dates = First to last day
sign-span = { $from } – { $until }
sign-except = Not on
sign-volume = Volume
sign-volume-set = { $percent } %
sign-volume-own = as each player is set
sign-late = If late
sign-late-join = joins where it would be, at most { $limit } late
sign-late-restart = starts from the beginning, at most { $limit } late
sign-late-skip = skipped (may be { $limit } late)
sign-cut-resume = goes on after a cut; waits for the air at most { $wait }
sign-cut-drop = over after a cut; waits for the air at most { $wait }
sign-campaign = Campaign
sign-replaces = In place of
sign-taken-off = Taken off the air, which needs no signature:
sign-root = ── New root document: who may give orders to every player
sign-signers = Signatures in the file already (not checked):
sign-ask-places = EMERGENCY “{ $order }”: type the number of recipients shown above (“all” where it is everywhere):
sign-all-word = all
sign-ask = Type “sign” to sign, anything else to stop:
sign-word = sign
sign-not-confirmed = That does not match, so nothing is signed.

root-about = This desk's root document: which keys may give orders, and how many it takes
root-examples =
    Examples:
      loa root show
      loa root new --officer mai.key.pub binh.key.pub --threshold 2 --request root-1
      loa root change --officer mai.key.pub an.key.pub --request root-2
      loa root accept root-1
root-show-about = Show roles, keys, how many must sign, the expiry, the log's witnesses
root-new-about = Before the first start: ask officers to sign the first root document, so that their keys never lie at the desk
root-change-about = Ask for signatures on a new root document: other officers, thresholds, expiry
root-accept-about = Take in a root document that enough officers signed
root-help-officer = An officer's public key (the .pub file of loa key new); name everyone
root-help-threshold = How many officers must sign each order
root-help-root-threshold = How many officers must sign a change of the root document
root-help-days = For how many days it is good
root-help-request = Write the signing request to this file
root-help-files = The signed request, in one or several copies
root-head = Root document, version { $version }, good until { $ends } (UTC)
root-role-officers = To order what is aired: { $needed } of { $of } keys
root-role-root = To change this document: { $needed } of { $of } keys
root-role-desk = The desk (brings signed orders, no more): { $needed } of { $of } keys
root-mark-new = [NEW]
root-mark-gone = [GONE]
root-mark-threshold = [{ $before } before]
root-log = The log is trusted by:
root-none = This desk has no root document yet. Run loa root new … --request FILE (several officers), or loa serve (one key, here at the desk).
root-exists = This desk has a root document already. Use loa root change.
root-awaited = { $path } waits for officers to sign. Take the signed copies in with loa root accept FILE…, or remove the file to begin again.
root-officer-twice = The key of “{ $name }” is named twice. One key per officer.
root-too-many = A role has at most { $most } keys.
root-unfilled = { $needed } signatures of { $of } keys cannot be (at most 4, and no more than there are keys).
root-request-written = Wrote { $path }, request code { $hash }. Have officers sign it (loa key sign { $path } --key …), then: loa root accept { $path }
root-is-orders = This request is for orders. Take it in with loa apply … --signed.
root-other-desk = This root document is another desk's. Use the request that this desk wrote.
root-unreadable = The root document in the request cannot be read. Make the request anew.
root-version = It must be version { $expected }, the request has version { $found }. Make the request anew from the one in force.
root-expired = This root document has ended. Make the request anew with a longer --days.
root-role = Nobody can fill the role { $role }: no key, a key twice, or too many signatures needed.
root-part-root = to change the root document
root-part-officers = to order what is aired
root-part-desk = the desk
root-signatures-old = By the document in force, { $valid } of those who may have signed, { $needed } are needed. Nothing has changed. (A document holds at most 4 signatures; change many people step by step.)
root-signatures-new = By the new document, { $valid } of those who may have signed, { $needed } are needed. Nothing has changed. (A document holds at most 4 signatures; change many people step by step.)
root-accepted = Version { $version } of the root document is in force at the desk: { $path }. Restart loa serve, and copy the file to each player.
root-orders-left = { $count } orders in force are not signed by enough officers of the new document. Ask for signatures anew: loa apply … --request FILE
