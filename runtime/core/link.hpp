// One end of a reliable, ordered channel of one session, over a network that loses, delays, reorders and duplicates.
//
// Payloads are numbered from 1 and kept until they are acknowledged. An acknowledgement covers everything up to a
// number, rides on whatever is sent, and goes alone at the next tick at the latest. While the oldest payload has been
// unacknowledged for longer than `Liveness::retry()`, a *probe* asks the peer as often what has arrived; its *answer*
// names what is missing, and only that is transmitted again: a tensor that is merely slow is not sent twice. When
// nothing more is acknowledged for `Liveness::lost_after()` the link is *broken*, for good; so what takes long to
// transmit has to be sent as chunks.
// What may be under way is bounded in number and in bytes, so that neither end, nor the queues between them, has to
// keep more of a session than that: these are the receiver's credits, and each acknowledgement renews them. Thread
// rule: one owner; pure: no IO, clock, thread or logging; `now` is an argument, on the owner's own clock.
//
// LINK-1: what is delivered is a prefix of what the peer sent: each payload once, in order.
// LINK-2: at most kWindowMax payloads, of at most kWindowBytes together, are under way, or one that is larger than
// that;
//         a receiver that lacks an earlier one keeps no more.
// LINK-3: at most kUnacknowledgedMax payloads are kept by a sender: one more breaks the link.
// LINK-4: a payload is transmitted again only when the peer, asked after the last time, says that it is missing.
// LINK-5: a link breaks when something is unacknowledged, and nothing new was acknowledged for lost_after of attended
//         time; whoever was frozen does not find it broken because of that.
// LINK-6: when there is nothing to acknowledge, on either side, nothing is sent.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/core/attended_clock.hpp"
#include "runtime/core/liveness.hpp"

namespace fulmar::core {

/// Which payloads up to `sent` have arrived?
struct Probe {
  Time asked{};  ///< on the asker's clock; the answer brings it back
  std::uint64_t sent = 0;
};

struct ProbeAnswer {
  Time asked{};                        ///< as in the probe
  std::vector<std::uint64_t> missing;  ///< ascending, at most kWindowMax
};

/// What travels.
template <class Payload>
struct Frame {
  std::uint64_t sequence = 0;      ///< of the payload; 0: there is none
  std::uint64_t acknowledged = 0;  ///< the peer's payloads up to this one were delivered
  std::optional<Payload> payload;
  std::optional<Probe> probe;
  std::optional<ProbeAnswer> answer;
};

/// `Payload` is copied into each frame that carries it: it holds what is large as a shared buffer. What it counts for
/// in the window, size_bytes(payload) says, which is found beside the type; both ends find the same.
template <class Payload>
class Link {
 public:
  static constexpr std::uint64_t kWindowMax = 256;
  static constexpr std::size_t kWindowBytes = std::size_t{16} << 20;
  static constexpr std::size_t kUnacknowledgedMax = 4096;
  /// So many, or a quarter of the window's bytes, are acknowledged without waiting for a tick, so that the window of a
  /// fast sender does not fill.
  static constexpr std::uint64_t kAcknowledgeAtOnce = kWindowMax / 4;

  using Frames = std::vector<Frame<Payload>>;
  struct Received {
    std::vector<Payload> delivered;  ///< in order
    Frames frames;                   ///< to be transmitted
  };

  /// `window_bytes`: the same at both ends.
  explicit Link(Liveness liveness, std::size_t window_bytes = kWindowBytes)
      : liveness_(liveness), window_bytes_(window_bytes), clock_(liveness.gap_max()) {}

  /// Each of these returns the frames to be transmitted: none, once the link is broken.
  Frames send(Time now, Payload payload) {
    const Time at = clock_.look(now);
    Frames frames;
    if (broken_) return frames;
    if (outgoing_.empty()) progressed_ = at;
    const std::size_t bytes = size_bytes(payload);
    outgoing_.push_back({std::move(payload), bytes});
    if (outgoing_.size() > kUnacknowledgedMax) {
      break_off(std::to_string(outgoing_.size()) + " messages wait to be acknowledged, and a link keeps no more than " +
                std::to_string(kUnacknowledgedMax));
    }
    fill_window(at, frames);
    return frames;
  }

  Received receive(Time now, Frame<Payload> frame) {
    const Time at = clock_.look(now);
    Received received;
    if (broken_) return received;
    if (frame.payload) accept(frame.sequence, std::move(*frame.payload), received.delivered);
    progress(at, frame.acknowledged);
    if (frame.answer) resend(at, *frame.answer, received.frames);
    fill_window(at, received.frames);
    if (frame.probe) {
      received.frames.push_back(answer(*frame.probe));
    } else if (has_much_to_say()) {
      received.frames.push_back(blank_frame());
    }
    return received;
  }

  /// To be called each `Liveness::tick()`.
  Frames tick(Time now) {
    const Time at = clock_.look(now);
    if (!outgoing_.empty() && at - progressed_ >= liveness_.lost_after()) {
      break_off("message " + std::to_string(acknowledged_ + 1) + " of " + std::to_string(sent_) +
                " sent was not acknowledged in time");
    }
    if (broken_) return {};
    if (is_probe_due(at)) return {probe(at)};
    if (delivered_ != said_) return {blank_frame()};
    return {};
  }

  /// Why the link is of no use any longer.
  const std::optional<std::string>& broken() const { return broken_; }
  /// How many payloads the peer may not have received, as long as the link is not broken.
  std::size_t unacknowledged() const { return outgoing_.size(); }

 private:
  struct Outgoing {
    Payload payload;
    std::size_t bytes = 0;
    Time first_sent{}, last_sent{};
  };
  struct Early {
    Payload payload;
    std::size_t bytes = 0;
  };

  // ---- what this end sends

  void fill_window(Time at, Frames& frames) {
    const std::uint64_t last = acknowledged_ + std::min<std::uint64_t>(outgoing_.size(), kWindowMax);
    while (sent_ < last) {
      Outgoing& next = unacknowledged(sent_ + 1);
      if (sent_ > acknowledged_ && bytes_under_way_ + next.bytes > window_bytes_) return;
      bytes_under_way_ += next.bytes;
      next.first_sent = at;
      transmit(++sent_, at, frames);
    }
  }

  void transmit(std::uint64_t sequence, Time at, Frames& frames) {
    Outgoing& outgoing = unacknowledged(sequence);
    outgoing.last_sent = at;
    Frame<Payload> frame = blank_frame();
    frame.sequence = sequence;
    frame.payload = outgoing.payload;
    frames.push_back(std::move(frame));
  }

  void progress(Time at, std::uint64_t acknowledged) {
    if (acknowledged <= acknowledged_ || acknowledged > sent_) return;
    for (; acknowledged_ < acknowledged; ++acknowledged_) {
      bytes_under_way_ -= outgoing_.front().bytes;
      outgoing_.pop_front();
    }
    progressed_ = at;
  }

  void resend(Time at, const ProbeAnswer& answer, Frames& frames) {
    for (const std::uint64_t sequence : answer.missing) {
      if (sequence <= acknowledged_ || sequence > sent_) continue;
      if (unacknowledged(sequence).last_sent < answer.asked) transmit(sequence, at, frames);
    }
  }

  bool is_probe_due(Time at) const {
    return !outgoing_.empty() && at - std::max(outgoing_.front().first_sent, asked_) >= liveness_.retry();
  }

  Frame<Payload> probe(Time at) {
    asked_ = at;
    Frame<Payload> frame = blank_frame();
    frame.probe = Probe{at, sent_};
    return frame;
  }

  Outgoing& unacknowledged(std::uint64_t sequence) { return outgoing_[sequence - acknowledged_ - 1]; }

  void break_off(std::string cause) {
    broken_ = std::move(cause);
    outgoing_.clear();
    early_.clear();
    bytes_under_way_ = bytes_early_ = 0;
    sent_ = acknowledged_;
  }

  // ---- what the peer sends

  void accept(std::uint64_t sequence, Payload payload, std::vector<Payload>& delivered) {
    if (sequence <= delivered_ || sequence - delivered_ > kWindowMax || early_.contains(sequence)) return;
    const std::size_t bytes = size_bytes(payload);
    const bool is_next = sequence == delivered_ + 1;
    if (!is_next && bytes_early_ + bytes > window_bytes_) return;  // LINK-2: whoever sends this does not keep to it
    bytes_early_ += bytes;
    early_.emplace(sequence, Early{std::move(payload), bytes});
    while (!early_.empty() && early_.begin()->first == delivered_ + 1) {
      Early& next = early_.begin()->second;
      bytes_early_ -= next.bytes;
      bytes_unsaid_ += next.bytes;
      delivered.push_back(std::move(next.payload));
      early_.erase(early_.begin());
      ++delivered_;
    }
  }

  bool has_much_to_say() const {
    return delivered_ - said_ >= kAcknowledgeAtOnce || (bytes_unsaid_ > 0 && bytes_unsaid_ >= window_bytes_ / 4);
  }

  Frame<Payload> answer(const Probe& probe) {
    ProbeAnswer answer{probe.asked, {}};
    const std::uint64_t last = std::min(probe.sent, delivered_ + kWindowMax);
    for (std::uint64_t sequence = delivered_ + 1; sequence <= last; ++sequence) {
      if (!early_.contains(sequence)) answer.missing.push_back(sequence);
    }
    Frame<Payload> frame = blank_frame();
    frame.answer = std::move(answer);
    return frame;
  }

  /// Says what was delivered, and nothing else.
  Frame<Payload> blank_frame() {
    said_ = delivered_;
    bytes_unsaid_ = 0;
    return {0, delivered_, {}, {}, {}};
  }

  Liveness liveness_;
  std::size_t window_bytes_;
  AttendedClock clock_;
  std::optional<std::string> broken_;

  std::deque<Outgoing> outgoing_;   // from acknowledged_ + 1 on
  std::uint64_t acknowledged_ = 0;  // by the peer
  std::uint64_t sent_ = 0;          // at least once; what follows waits for the window
  std::size_t bytes_under_way_ = 0;
  Time progressed_{};         // when the oldest one became the oldest
  Time asked_ = Time::min();  // when the peer was last probed

  std::map<std::uint64_t, Early> early_;  // arrived before an earlier one, after delivered_ + 1
  std::size_t bytes_early_ = 0;
  std::uint64_t delivered_ = 0;
  std::uint64_t said_ = 0;        // what of it the peer was told
  std::size_t bytes_unsaid_ = 0;  // of what it was not
};

}  // namespace fulmar::core
