// A libFuzzer target: packets, as they come over a network, through the decoder, a link, the assemblers of both sides,
// the rules, and to the roles. Nothing of it may crash, and what is taken has to be what it says it is.
#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>

#include "runtime/core/vector_arithmetic.hpp"
#include "runtime/transport/assembler.hpp"
#include "runtime/transport/codec.hpp"
#include "runtime/vocabulary/assert.hpp"
#include "tests/fuzz/packet_records.hpp"
#include "tests/fuzz/roles.hpp"
#include "tests/fuzz/wire_seeds.hpp"

namespace fulmar::fuzz {
namespace {

using namespace transport;

class Receiver {
 public:
  void take(const Packet& packet) {
    const std::variant<Datagram, Drop> result = decode(packet);
    const auto* datagram = std::get_if<Datagram>(&result);
    if (datagram == nullptr) return;
    FULMAR_ASSERT(std::holds_alternative<Datagram>(decode(encode(*datagram))), "CODEC-1: it cannot be sent on");
    const auto* segment = std::get_if<Segment>(&datagram->content);
    if (segment != nullptr) take(*segment);
  }

 private:
  void take(const Segment& segment) {
    now_ += kLiveness.tick();
    link_.send(now_, Letter{core::SessionMessage{core::Drain{}}});
    link_.receive(now_, segment.frame);
    link_.tick(now_);
    if (!segment.frame.payload) return;
    const Letter& letter = *segment.frame.payload;
    const bool tensors = segment.channel != core::kSupervisorChannel;
    for (Assembler& assembler : tensors ? tensors_ : control_) assemble(assembler, letter);
    const auto* message = std::get_if<core::SessionMessage>(&letter.content);
    if (message == nullptr) return;
    if (roles_.empty()) {
      for (const core::PolicyKind kind : {core::PolicyKind::sync, core::PolicyKind::bounded}) {
        roles_.emplace_back(core::PolicySettings{kind, 1, core::OnStale::revoke});
      }
    }
    for (Roles& roles : roles_) roles.take(*message);
  }

  static void assemble(Assembler& assembler, const Letter& letter) {
    const Result<std::optional<Delivery>> added = assembler.add(letter);
    if (!added) {
      FULMAR_ASSERT(!assembler.add(letter).ok(), "ASSEMBLE-2: something is taken after an error");
      return;
    }
    if (!*added) return;
    const Delivery& delivery = **added;
    FULMAR_ASSERT(core::has_tensor(delivery.message) == (delivery.tensor != nullptr),
                  "ASSEMBLE-1: a tensor is missing");
    if (const auto* pushed = std::get_if<core::BlockPushed>(&delivery.message)) {
      FULMAR_ASSERT(core::digest(std::as_const(*delivery.tensor).values()) == pushed->digest, "ASSEMBLE-1: its digest");
    }
  }

  static constexpr core::Liveness kLiveness{};
  core::Time now_{};
  core::Link<Letter> link_{kLiveness};
  BufferPool pool_;
  std::array<Assembler, 2> tensors_{Assembler{{Side::node, kSeedChannel, kSeedFloats}, pool_},
                                    Assembler{{Side::head, kSeedChannel, kSeedFloats}, pool_}};
  std::array<Assembler, 2> control_{Assembler{{Side::node, core::kSupervisorChannel, 0}, pool_},
                                    Assembler{{Side::head, core::kSupervisorChannel, 0}, pool_}};
  std::deque<Roles> roles_;  // of a run in rounds, and of one that leases units
};

}  // namespace
}  // namespace fulmar::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fulmar::fuzz::Receiver receiver;
  for (const auto& packet : fulmar::fuzz::packets_of(std::as_bytes(std::span(data, size)))) receiver.take(packet);
  return 0;
}
