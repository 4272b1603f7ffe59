//! Broken HTTP/2, frame by frame.

use super::chance::Chance;

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const WINDOW_UPDATE: u8 = 8;
const CONTINUATION: u8 = 9;
const END_HEADERS: u8 = 4;

/// A frame that says it has `claimed` bytes.
fn frame(claimed: usize, kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(claimed).expect("frames are short").to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

fn whole(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    frame(payload.len(), kind, flags, stream, payload)
}

/// A connection that goes wrong in one of many ways.
pub(super) fn broken(chance: &mut Chance) -> Vec<u8> {
    let settings = whole(SETTINGS, 0, 0, &[]);
    // POST, http, / and no more, as the static table has them.
    let request = |stream| whole(HEADERS, END_HEADERS, stream, &[0x83, 0x86, 0x84, 0x41, 0x04, b'h', b'o', b's', b't']);
    let length = chance.below(300);
    let noise = chance.bytes(length);
    let frames = match chance.below(12) {
        0 => noise,
        1 => frame(0xff_ffff, DATA, 0, 1, &noise),
        2 => whole(HEADERS, END_HEADERS, 1, &noise),
        3 => [whole(HEADERS, 0, 1, &[0x83]), whole(CONTINUATION, 0, 1, &[0x86]).repeat(500)].concat(),
        4 => (0..200)
            .flat_map(|stream| [request(stream * 2 + 1), whole(RST_STREAM, 0, stream * 2 + 1, &[0, 0, 0, 8])])
            .flatten()
            .collect(),
        5 => whole(SETTINGS, 0, 0, &[0, 4, 0xff, 0xff, 0xff, 0xff]),
        6 => whole(SETTINGS, 0, 0, &[0, 3, 0, 0, 0, 1]).repeat(500),
        7 => whole(PING, 0, 0, &[0; 8]).repeat(500),
        8 => [request(1), whole(WINDOW_UPDATE, 0, 1, &[0x7f, 0xff, 0xff, 0xff]).repeat(2)].concat(),
        9 => [request(2), request(1)].concat(),
        10 => [request(1), whole(DATA, 0, 1, &[0; 1000]), whole(DATA, 8, 1, &[0xff])].concat(),
        _ => whole(chance.byte(), chance.byte(), u32::from(chance.byte()), &noise),
    };
    [PREFACE, &settings, &frames].concat()
}
