<<<<<<< HEAD
//! Getting releases and their content to the players, and hearing from them.
//!
//! Next: `broker.rs`, the MQTT broker the desk brings along.

pub mod broker;
=======
//! What the desk makes ready and sends out: clips, slides and the MQTT traffic that carries them.
//!
//! This page only lists the rooms. Start with [`media`]: how an upload becomes a clip.

pub mod media;
>>>>>>> media
