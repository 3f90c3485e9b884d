//! Wi-Fi: one network, called again whenever it is lost.
//!
//! Its name and its password are two lines of text in a sector of their own (`flash.rs`), written when the board is set
//! up; a network without a password has one line. What is in the frames is nobody's business here. Next: `flash.rs`.

use embassy_executor::Spawner;
use embassy_time::{Duration, Timer};
use esp_hal::peripherals::WIFI;
use esp_radio::wifi::sta::StationConfig;
use esp_radio::wifi::{AuthenticationMethodConfig, Config, ControllerConfig, Interface, WifiController};

use crate::flash::ACCESS_BYTES;
use crate::log;

/// The driver's end that the stack holds.
pub type Network = Interface;

/// Rest before a network that was lost is called again.
const REST: Duration = Duration::from_secs(5);

/// Why there is no network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoNetwork {
    /// Nothing is written about it, or nothing that can be a name and a password.
    Unknown,
    /// The radio does not start.
    Radio,
}

/// Switches the radio on and calls the network that `access` names.
pub fn start(radio: WIFI<'static>, access: &[u8; ACCESS_BYTES], spawner: Spawner) -> Result<Network, NoNetwork> {
    let station = station(access).ok_or(NoNetwork::Unknown)?;
    let config = ControllerConfig::default().with_initial_config(Config::Station(station));
    let controller = WifiController::new(radio, config).map_err(|_| NoNetwork::Radio)?;
    let network = Interface::try_station().ok_or(NoNetwork::Radio)?;
    spawner.spawn(call(controller).map_err(|_| NoNetwork::Radio)?);
    Ok(network)
}

/// The network that these lines name.
fn station(access: &[u8; ACCESS_BYTES]) -> Option<StationConfig> {
    let written = access.split(|byte| matches!(byte, 0 | 0xff)).next()?;
    let mut lines = core::str::from_utf8(written).ok()?.lines();
    let name = lines.next().filter(|name| !name.is_empty())?;
    let authentication = match lines.next().filter(|password| !password.is_empty()) {
        Some(password) => AuthenticationMethodConfig::Wpa2Personal(password.try_into().ok()?),
        None => AuthenticationMethodConfig::Open,
    };
    Some(StationConfig::default().with_ssid(name.try_into().ok()?).with_authentication(authentication))
}

/// Keeps the network.
#[embassy_executor::task]
async fn call(mut controller: WifiController<'static>) -> ! {
    loop {
        if controller.connect_async().await.is_ok() {
            log::line(format_args!("wi-fi is there"));
            // Whatever ends the waiting, it is called again.
            let _gone = controller.wait_for_disconnect_async().await;
            log::line(format_args!("wi-fi is lost"));
        }
        Timer::after(REST).await;
    }
}
