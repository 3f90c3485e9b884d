//! What the desk makes ready and sends out: clips, slides and the MQTT traffic that carries them.
//!
//! This page only lists the rooms. Start with [`media`]: how an upload becomes a clip.

pub mod media;
