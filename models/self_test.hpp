// What the arithmetic of this build on this machine yields on fixed inputs: nodes whose digests differ must not compute
// for the same run.
// Thread rule: pure functions; self_test() takes some milliseconds and runs under prepare_compute_thread()'s
// environment.
//
// SELFTEST-1: every kernel, activation, dropout, loss and whole model has its entry.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace fulmar::models {

/// Counts up when a kernel's order of operations changes on purpose, and with it the digests.
inline constexpr std::uint32_t kKernelSetVersion = 1;

/// Digest (FNV-1a over the bytes of the results) of each kernel, by name.
std::map<std::string, std::uint64_t> self_test();

}  // namespace fulmar::models
