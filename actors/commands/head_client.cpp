#include "actors/commands/head_client.hpp"

#include "runtime/transport/codec.hpp"
#include "runtime/transport/zmq_carrier.hpp"

namespace fulmar::commands {
namespace {

using transport::Datagram;
using transport::Refusal;
using Clock = std::chrono::steady_clock;

Datagram refusal(std::string reason, bool may_retry) {
  return {{}, Refusal{std::move(reason), may_retry}};
}

std::string seconds_text(core::Time time) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(time).count()) + " s";
}

/// Waits for the one answer on one connection.
class Conversation {
 public:
  Conversation(transport::Dialer& dialer, std::string head) : dialer_(dialer), head_(std::move(head)) {}

  Datagram wait(core::Time patience) {
    const Clock::time_point deadline = Clock::now() + patience;
    while (!answer_) {
      const core::Time left = deadline - Clock::now();
      if (left <= core::Time(0)) {
        return refusal("nobody answers at " + head_ + " within " + seconds_text(patience) +
                           ": is the head running there, with --listen, and can this machine reach it?",
                       /*may_retry=*/true);
      }
      for (const transport::CarrierEvent& next : dialer_.wait(left)) {
        std::visit([this](const auto& concrete) { on(concrete); }, next);
      }
    }
    return std::move(*answer_);
  }
  /// The connection was closed before there was a word.
  bool was_cut_off() const { return cut_off_; }

 private:
  void on(const transport::carrier_event::Arrived& arrived) {
    auto decoded = transport::decode(arrived.packet);
    if (auto* datagram = std::get_if<Datagram>(&decoded)) {
      settle(std::move(*datagram));
    } else if (std::get<transport::Drop>(decoded) == transport::Drop::other_schema) {
      settle(refusal(head_ + " speaks another version of the wire format than this program (schema " +
                         std::to_string(transport::kSchemaVersion) + "); use the Fulmar that the head was built from",
                     /*may_retry=*/false));
    } else {
      settle(refusal(head_ + " does not talk like the head of a run; check host and port", /*may_retry=*/false));
    }
  }
  void on(const transport::carrier_event::Closed&) {
    cut_off_ = !answer_;
    settle(refusal(
        "nobody answers at " + head_ + " (the connection was closed): is the head running there, with --listen?",
        /*may_retry=*/true));
  }
  void on(const transport::carrier_event::Refused& refused) { settle(refusal(refused.reason, /*may_retry=*/false)); }
  void on(const transport::carrier_event::TurnedAway&) {}

  /// The first word counts.
  void settle(Datagram said) {
    if (!answer_) answer_ = std::move(said);
  }

  transport::Dialer& dialer_;
  std::string head_;
  std::optional<Datagram> answer_;
  bool cut_off_ = false;
};

Datagram ask_once(transport::Dialer& dialer, const transport::Endpoint& head, const Datagram& question,
                  core::Time patience, bool& cut_off) {
  const std::string name = transport::to_string(head);
  const Result<transport::PeerId> peer = dialer.dial(head);
  if (!peer) return refusal(peer.error().message, /*may_retry=*/false);
  if (dialer.send(*peer, transport::encode(question)) != transport::Sent::taken) {
    return refusal("nothing can be sent to " + name, /*may_retry=*/true);
  }
  Conversation conversation(dialer, name);
  Datagram answer = conversation.wait(patience);
  cut_off = conversation.was_cut_off();
  return answer;
}

/// A listener that hangs up so often without a word has other keys, or none: then the dialer says so.
constexpr int kDialsMax = 3;

}  // namespace

Result<HeadAddress> head_address(const std::string& endpoint, const std::string& keys) {
  Result<transport::Endpoint> parsed = transport::parse_endpoint(endpoint);
  if (!parsed) return parsed.error();
  HeadAddress head{std::move(*parsed), {}};
  if (keys.empty()) return head;
  Result<transport::ClientKeys> read = transport::read_client_keys(keys);
  if (!read) return read.error();
  head.keys = std::move(*read);
  return head;
}

void add_head_options(CLI::App& command, HeadOptions& options) {
  command.add_option("ENDPOINT", options.endpoint, "Where the head listens: tcp://HOST:PORT or ipc://PATH")->required();
  command.add_option("--keys", options.keys, "Folder with this administrator's keys, as fulmar keygen makes it");
}

Datagram ask(const HeadAddress& head, const Question& question, core::Time patience) {
  auto dialer = transport::ZmqDialer::make({core::Liveness{}, head.keys});
  if (!dialer) return refusal(dialer.error().message, /*may_retry=*/false);
  Datagram asked;
  std::visit([&](const auto& concrete) { asked.content = concrete; }, question);
  Datagram answer;
  bool cut_off = true;
  for (int dials = 0; cut_off && dials < kDialsMax; ++dials) {
    cut_off = false;
    answer = ask_once(**dialer, head.endpoint, asked, patience, cut_off);
  }
  return answer;
}

}  // namespace fulmar::commands
