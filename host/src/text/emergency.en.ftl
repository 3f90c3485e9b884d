# Templates activated, drills, stops.

activate-about = Airs a template that was approved in advance now, by one officer's signature; --drill airs it as a drill
activate-examples =
    Examples:
      loa activate flood-warning                         the flood warning, everywhere the template says
      loa activate flood-warning --place 07654           at one place alone
      loa activate flood-warning --drill                 a drill: players say so before and after
      loa activate flood-warning --request activation    written down for an officer to sign elsewhere
      loa activate --signed activation                   aired, with the signature in the file
activate-help-id = Which template
activate-help-drill = As a drill: players say and show so before and after, and nobody can leave that out
activate-help-at = When it is aired (at once, where this is left out)
activate-help-yes = Do not ask (for programs)
emergency-help-place = At this place and all below it alone; may be given again
emergency-help-player = On this player alone; may be given again
emergency-help-key = The key file of the officer who signs (where left out, the key at a desk on trial)
emergency-help-request = Write what is to be signed to this file, for an officer to sign elsewhere; nothing is aired or stopped yet
emergency-help-signed = Do what this file says, which an officer signed (loa key sign)
activate-head-live = !!! LIVE – A REAL WARNING !!!
activate-head-drill = ~~~ DIỄN TẬP · DRILL – not a real warning ~~~
activate-page =
    {"  "}Template: { $template }, as the order: { $order }
    {"  "}Where: { $place }
    {"  "}Players that get it: { $players }, connected: { $online }
    {"  "}Longest: { $length } ({ $clips } clips, { $slides } slides)
    {"  "}At: { $at }
activate-all-of-template = everywhere the template says
activate-ask-players = Type how many players will get it:
activate-ask-live = Air the REAL warning on { $players } players, { $length } long. Type “live” to air it:
activate-word-live = live
activate-ask-drill = Type “drill” to begin the drill:
activate-word-drill = drill
activate-not-confirmed = That does not match, so nothing is aired.
activate-done-live = On its way, LIVE: { $order }, { $players } players. A false alarm: loa stop { $order }, then activate the template of the correction.
activate-done-drill = On its way, a DRILL: { $order }, { $players } players. To stop it: loa stop { $order }
activate-no-template = No template “{ $template }” is in force. There are: { $known }. A template is written with template = true and approved by loa apply.
emergency-no-place = No place has the code { $place }.
emergency-needs-officer = This needs one officer's signature, and no key here will do. Use --key FILE, or --request FILE for an officer to sign elsewhere.
emergency-unsigned = No officer of the root document has signed this. Nothing was aired or stopped.
emergency-foreign = This file asks for no activation and no stop. Write it anew with --request.
emergency-template-unsigned = Too few officers signed this template. Approve it anew with loa apply.
emergency-template-gone = This template is not in force any more. Activate the one that is.
emergency-asked = Written: { $path }, hash { $hash }. Have one officer sign it: loa key sign { $path } --key FILE, then go on with --signed { $path }.

stop-about = Stops what is aired or about to be, at once, by any one officer's signature
stop-examples =
    Examples:
      loa stop flood-warning-1124-073000    one order, everywhere
      loa stop --place 07654                every order at one place
      loa stop --everywhere                 every order everywhere
stop-help-orders = Which orders (where left out, every order that was signed until now)
stop-help-everywhere = Everywhere
stop-what = Stop what? Name an order, --place, --player or --everywhere.
stop-no-order = No order “{ $order }” is in force. See: loa plan
stop-too-many = At most { $most } orders are stopped at once. Stop them in groups, or all of them with --everywhere.
stop-done = Stopped: { $orders }. Players that are connected fall silent within seconds, others when they are back. Only what is signed after this is aired.
sign-form-drill = ~~~ DIỄN TẬP · DRILL: players say and show so before and after ~~~
sign-form-template = A template: not aired by itself; later ONE officer's signature airs it
sign-form-activation-live = !!! ACTIVATION – AIRED LIVE !!! of an approved template; this signature is enough
sign-form-activation-drill = ~~~ ACTIVATION OF A DRILL · DIỄN TẬP ~~~ of an approved template; this signature is enough
sign-form-label = Form
sign-stop = ── STOP, as soon as the signature reaches the players
sign-stop-orders = Orders
sign-stop-all = every order signed until this request was written
sign-when-activated = when it is activated
