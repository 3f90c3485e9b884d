//! Outputs that are more than a file or a terminal: screens, panels behind a helper program, panels behind a card.
//!
//! Here is only the list of what can be asked for, and which output each is; how each works stands in its own file:
//! [`framebuffer`], [`hub75`], [`colorlight`] with [`ethernet`]. None is opened before the first face, and one that
//! fails is tried again with the next: a screen that is switched on late is no reason to end a player. What the
//! words of a setup file mean is decided in `config/outputs.rs`.

pub mod colorlight;
pub mod ethernet;
pub mod framebuffer;
pub mod hub75;

use std::net::SocketAddr;
use std::path::PathBuf;

use super::output::Output;
use super::picture::Picture;
use super::terminal::Terminal;
use colorlight::Colorlight;
use ethernet::Ethernet;
use framebuffer::Framebuffer;
use hub75::{Helper, Hub75};

/// An output that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// The Linux framebuffer.
    Framebuffer {
        /// Its device, such as `/dev/fb0`.
        device: PathBuf,
    },
    /// One picture file, replaced with each face.
    PictureFile {
        /// Its path.
        file: PathBuf,
    },
    /// A folder of numbered picture files.
    PictureFolder {
        /// Its path.
        folder: PathBuf,
        /// How many are kept.
        keep: usize,
    },
    /// The terminal that the player was started in.
    Terminal,
    /// HUB75 panels on a Raspberry Pi, through a helper.
    Hub75 {
        /// Where the helper takes pictures.
        address: SocketAddr,
        /// The program that is the helper and its arguments; none if somebody else keeps it running.
        helper: Option<Helper>,
    },
    /// HUB75 panels behind a Colorlight 5A-75.
    Colorlight {
        /// The network interface that the card is on.
        interface: String,
    },
}

impl Wish {
    /// The output.
    #[must_use]
    pub fn open(&self) -> Option<Box<dyn Output>> {
        Some(match self {
            Self::Framebuffer { device } => Box::new(Framebuffer::new(device)),
            Self::PictureFile { file } => Box::new(Picture::one(file)),
            Self::PictureFolder { folder, keep } => Box::new(Picture::numbered(folder, *keep)),
            Self::Terminal => Box::new(Terminal::stdout(true)?),
            Self::Hub75 { address, helper } => Box::new(Hub75::new(*address, helper.clone())),
            Self::Colorlight { interface } => Box::new(Colorlight::new(Ethernet::on(interface))),
        })
    }
}
