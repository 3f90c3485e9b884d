//! Where the chip looks up what handles an interrupt: as many as it has, where the runtime would put 240 of them.
//!
//! Only the network controller's is ever let through; all have the one handler in `main.rs`.

/// The LM3S6965's interrupts (data sheet, table 2-9).
const INTERRUPTS: usize = 44;

unsafe extern "C" {
    /// The runtime's name for `main.rs`'s handler.
    fn DefaultHandler();
}

// SAFETY: the runtime's linker script puts this section behind the exceptions, where the chip looks for its interrupts.
#[unsafe(link_section = ".vector_table.interrupts")]
#[unsafe(no_mangle)]
static __INTERRUPTS: [unsafe extern "C" fn(); INTERRUPTS] = [DefaultHandler; INTERRUPTS];
