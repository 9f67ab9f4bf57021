// The inputs that a fuzzer starts from: real packets of every kind, and real exchanges.
// Thread rule: pure functions.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "runtime/transport/datagram.hpp"

namespace fulmar::fuzz {

/// The channel of the seeds' tensors, and their size.
inline constexpr core::Channel kSeedChannel = core::channel_of(0);
inline constexpr std::size_t kSeedFloats = 12;

/// Each with a name.
std::vector<std::pair<std::string, transport::Bytes>> wire_seeds();

}  // namespace fulmar::fuzz
