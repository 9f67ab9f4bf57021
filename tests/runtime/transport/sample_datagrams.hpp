// One of every datagram and message there is, with values that differ from every default: for tests of the codec, and
// as the seeds of the fuzzer.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/transport/datagram.hpp"

namespace fulmar::transport {

struct SampleDatagram {
  std::string name;
  Datagram datagram;
};

/// Who speaks in the samples' sessions.
inline constexpr core::Sender kSampleSession{7, 0x1122334455667788, 3};

std::vector<core::SessionMessage> sample_messages();
std::vector<SampleDatagram> sample_datagrams();

/// A frame of a link in the samples' session.
Datagram in_session(core::Frame<Letter> frame);
Datagram carrying(Letter letter);

/// A body of so many floats: 0, 1, 2, …
Body counting_floats(std::size_t floats);

}  // namespace fulmar::transport
