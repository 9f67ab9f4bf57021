// What happened in a simulation: as a hash, always, so that two runs can be compared; as text, when somebody reads it.
// Thread rule: one simulation, one thread.
#pragma once

#include <cstdint>
#include <iomanip>
#include <ostream>
#include <string>

#include "runtime/core/liveness.hpp"

namespace fulmar::simulation {

/// What of the network is told.
enum class Detail {
  frames,  ///< every datagram
  letters  ///< what the roles say to each other, but for beats
};

class Transcript {
 public:
  /// `out`: where the text goes; null: nowhere, and none is made.
  explicit Transcript(std::ostream* out, Detail detail = Detail::frames) : out_(out), detail_(detail) {}

  void note(std::uint64_t what) { hash_ = (hash_ ^ what ^ (hash_ >> 29)) * 0x9E3779B97F4A7C15U; }
  std::uint64_t hash() const { return hash_; }

  bool wanted() const { return out_ != nullptr; }
  bool wants_frames() const { return wanted() && detail_ == Detail::frames; }
  bool wants_letters() const { return wanted() && detail_ == Detail::letters; }
  void say(core::Time at, const std::string& who, const std::string& what) {
    if (!wanted()) return;
    const auto microseconds = std::chrono::duration_cast<std::chrono::microseconds>(at).count();
    *out_ << std::setw(6) << microseconds / 1000 << ".";
    if (detail_ == Detail::frames) {
      *out_ << std::setw(3) << std::setfill('0') << microseconds % 1000 << std::setfill(' ');
    } else {
      *out_ << microseconds % 1000 / 100;
    }
    *out_ << " ms  " << who << ": " << what << "\n";
  }

 private:
  std::ostream* out_;
  Detail detail_;
  std::uint64_t hash_ = 0;
};

}  // namespace fulmar::simulation
