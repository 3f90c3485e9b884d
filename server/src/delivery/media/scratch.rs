//! A recording as plain samples on disk while it is being worked on: an hour is 691 MB, too much for memory.
//!
//! The file has no name, so nothing of it is left behind however the work ends. Next: `shelf.rs`, which
//! gives the file, and `encode.rs`, which reads it.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};

/// Samples handed out at a time when reading.
pub const BLOCK_FRAMES: usize = 4096;

/// Mono samples at 48 kHz, written once and read as often as needed.
pub struct Scratch {
    file: File,
    frames: u64,
}

/// The writing half of a [`Scratch`].
pub struct ScratchWriter {
    file: BufWriter<File>,
    frames: u64,
}

impl ScratchWriter {
    /// Writes into an empty, unnamed file.
    #[must_use]
    pub fn new(file: File) -> Self {
        Self { file: BufWriter::with_capacity(1 << 16, file), frames: 0 }
    }

    /// Appends samples.
    ///
    /// # Errors
    /// The disk's.
    pub fn add(&mut self, block: &[f32]) -> io::Result<()> {
        self.frames += block.len() as u64;
        block.iter().try_for_each(|sample| self.file.write_all(&sample.to_le_bytes()))
    }

    /// Ends the writing.
    ///
    /// # Errors
    /// The disk's.
    pub fn finish(self) -> io::Result<Scratch> {
        Ok(Scratch { file: self.file.into_inner().map_err(io::IntoInnerError::into_error)?, frames: self.frames })
    }
}

impl Scratch {
    /// How many samples there are.
    #[must_use]
    pub fn frames(&self) -> u64 {
        self.frames
    }

    /// Reads everything from the start, in blocks of at most [`BLOCK_FRAMES`].
    ///
    /// # Errors
    /// The disk's, or what `sink` returns.
    pub fn read<E: From<io::Error>>(&mut self, sink: &mut dyn FnMut(&mut Vec<f32>) -> Result<(), E>) -> Result<(), E> {
        self.file.rewind()?;
        let mut file = BufReader::with_capacity(1 << 16, &self.file);
        let mut bytes = vec![0; BLOCK_FRAMES * 4];
        let mut block = Vec::with_capacity(BLOCK_FRAMES);
        let mut left = self.frames;
        while left > 0 {
            let count = left.min(BLOCK_FRAMES as u64) as usize;
            file.read_exact(&mut bytes[..count * 4])?;
            block.clear();
            block.extend(bytes[..count * 4].chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])));
            sink(&mut block)?;
            left -= count as u64;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_come_back_as_they_were_as_often_as_asked() {
        let sound: Vec<f32> = (0..10_001).map(|n| n as f32 * 0.001 - 5.0).collect();
        let mut writer = ScratchWriter::new(tempfile::tempfile().unwrap());
        sound.chunks(777).try_for_each(|block| writer.add(block)).unwrap();
        let mut scratch = writer.finish().unwrap();
        for _ in 0..2 {
            let mut back = Vec::new();
            scratch
                .read(&mut |block: &mut Vec<f32>| -> io::Result<()> {
                    back.extend_from_slice(block);
                    Ok(())
                })
                .unwrap();
            assert_eq!(back, sound);
        }
    }
}
