# Accounts of people and programs: `loa account`, `loa token`, logging in.

account-about = Accounts of those who use the desk
account-new-about = Make an account; prints a one-time password
account-list-about = Accounts and their roles
account-give-about = Give a role
account-take-about = Take a role
account-disable-about = Disable an account: whoever uses it is logged out
account-enable-about = Enable an account again
account-rename-about = Change the name for people
account-reset-about = Give a one-time password in place of the present one
account-second-about = A second code from an authenticator app: begin, confirm, take away
account-link-about = Link to a person of the provider of identities (oidc.toml): whoever it vouches for comes in with this account
account-help-name = what is typed to log in: 2–40 letters a-z, digits, dots, hyphens
account-help-display = the name that people read
account-help-role = a role: viewer, operator, approver, auditor, admin
account-help-place = at this place and below alone; everywhere, where nothing is said
account-help-code = the app's first code of 6 digits, to confirm
account-help-off = take the second code away
account-help-subject = what the provider calls that person (sub); shown when somebody who is not linked logs in there
account-help-unlink = take every link away
account-examples =
    Examples:
      loa account new hoa --display "Trần Thị Hoa" --role admin
      loa account give hoa operator --place 25999
    An account lets people use the desk; players say only what officers have signed.
account-made = The account { $name } is made.
account-reset = { $name } has another password; all open sessions have ended.
account-once =
    One-time password, shown this once, good for 3 days:
        { $password }
    It must be changed at the first login.
account-done = Done: { $name }.
account-nothing = { $name } was so already; nothing has changed.
account-no-admin = There is no admin yet. Make the first one: loa account new NAME --role admin
account-second-begun =
    Type this into the authenticator app (shown this once):
        { $address }
    Then confirm with the first code: loa account second { $name } --code 123456
account-second-exists = { $name } has a second code already. Take it away first: loa account second { $name } --off
account-second-wrong = The code is not right. Check the time of the phone and of this machine, and type a new one.
account-bad-subject = Expected what the provider calls that person, 1 to 255 characters, not “{ $subject }”.
provider-file = { $file } of the provider of identities cannot be read: { $what }
provider-settings =
    The settings of the provider of identities, { $file }, are not right: { $what }
    Expected: issuer, client_id, redirect (the desk’s address, ending in /api/oidc/back), title; and, if there is one, client_secret_file.
provider-away = The provider of identities does not answer as it should: { $what }
account-bad-name = Expected a name of 2–40 letters a-z, digits, dots or hyphens, not “{ $name }”.
account-exists = There is an account “{ $name }” already. See: loa account list
account-unknown = There is no account “{ $name }”. See: loa account list
account-no-place = There is no place “{ $place }” in the timetable. Give the code as it stands in its file, or code@day.
account-places = “{ $place }” may mean several: { $known }. Give the day too.
column-account = Account
column-display = Name
column-roles = Roles
column-state = State
column-second = Second code
column-last-login = Last login
column-actions = May do
column-used = Last used
account-state-open = open
account-state-disabled = disabled
account-state-once = password to be changed
account-yes = yes
account-no = no
account-everywhere = everywhere

token-about = Tokens of programs
token-new-about = Make a token; printed this once
token-list-about = Tokens
token-revoke-about = Take a token back
token-help-account = the account that it belongs to
token-help-title = what it is for
token-help-action = what it may do, such as read-evidence; may be given several times
token-help-place = at this place and below alone
token-help-days = for how many days, 366 at most
token-help-id = what the token is called, see: loa token list
token-made =
    Token { $id }, shown this once:
        { $token }
token-revoked = The token { $id } is taken back.
token-action = No token may “{ $action }”: that is for people.
token-days = A token lasts from 1 to 366 days, not { $days }.
token-none = There is no token “{ $id }” in force. See: loa token list
token-state-open = in force
token-state-ended = ended
token-state-revoked = taken back
expected-role = viewer, operator, approver, auditor or admin
expected-action = one of: { $known }

serve-help-web-listen = listen for HTTP (logging in, API) here, on this machine; TLS is done by a server in front
serve-help-web-host = a name by which browsers reach this desk, such as loa.xa.vn; may be given several times
serve-help-web-proxy = the address of the server in front, whose X-Forwarded-For is believed
serve-help-web-idle-min = after how many minutes without use one has to log in again
web-beyond-loopback = HTTP listens on this machine only. Use 127.0.0.1 in place of { $listen }, with a server that speaks TLS in front.
expected-ip = an address such as 127.0.0.1

# What HTTP answers when something is not done.
problem-login = Please log in.
problem-wrong = The name or the password is not right. If the password is forgotten, an admin gives another one.
problem-wrong-password = The password is not right.
problem-code-needed = Please give the authenticator app's code of 6 digits too.
problem-code-wrong = The code is not right, or was used before. Wait for a new one, and check the phone's time.
problem-wait = Too many wrong tries. Try again in { $seconds } seconds; the account is not locked.
problem-busy = Too many people are logging in. Try again in a second.
problem-role = No role of this account allows that here ({ $action }). Ask an admin.
problem-scope = This token does not hold that ({ $action }).
problem-must-change = Please change the one-time password first.
problem-confirm = This asks for the password once more.
problem-not-for-tokens = This is for people who are logged in, not for tokens.
problem-name = Expected a name of 2–40 letters a-z, digits, dots or hyphens.
problem-exists = There is “{ $name }” already.
problem-unknown = There is no account “{ $name }”.
problem-short = A password has at least { $least } characters. Four words that do not belong together are easy to keep in mind and hard to guess.
problem-long = A password has at most { $most } characters.
problem-guessed = This password would be guessed soon. Take four words that do not belong together.
problem-same = The new password must be another than the old one.
problem-token-action = No token may “{ $action }”.
problem-token-days = A token lasts from 1 to 366 days, not { $days }.
problem-place = There is no place “{ $place }”, or its code means several: write code@day.
problem-role-name = There is no role “{ $role }”: expected viewer, operator, approver, auditor or admin.
problem-own-account = Nobody changes roles, disables or resets his own account here. Ask another admin.
problem-action = There is no action “{ $action }” for tokens.
problem-no-provider = This desk has no provider of identities.
problem-provider-away = The provider of identities does not answer. Try again, or log in with the desk’s own password.
problem-provider-unbelieved = What the provider of identities said cannot be believed. Log in again; if it stays so, tell an admin.
problem-provider-refused = The provider of identities did not let you in. Log in again.
problem-provider-stranger = This login was not begun in this browser, or took too long. Log in again.
problem-provider-unknown = No account is linked to “{ $subject }” yet. Send this to an admin: loa account link NAME --subject { $subject }
problem-subject = Expected what the provider calls that person, 1 to 255 characters.
problem-nowhere = There is nothing at this address.
problem-method = This address is not asked in that way.
problem-host = The desk does not know this host name. Whoever runs it adds it with --web-host.
problem-foreign-page = The request comes from another page, and is not taken.
problem-slow = The request came too slowly.
problem-too-long = The request is too long.
problem-not-understood = The request cannot be read: expected JSON with just its fields.
problem-desk = The desk has a fault. See its log.
