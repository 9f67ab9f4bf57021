// What links carry: messages of sessions, and chunks. A message does not say who speaks: its session does.
#include <utility>
#include <vector>

#include "runtime/transport/codec_parts.hpp"

namespace fulmar::transport {
namespace {

using BlocksOffset = flatbuffers::Offset<flatbuffers::Vector<const wire::Block*>>;
using BlockVector = flatbuffers::Vector<const wire::Block*>;

// ---- parts of messages

wire::Block to_wire(const core::Block& block) {
  return {block.index, block.level};
}

wire::LeafId to_wire(const core::LeafId& leaf) {
  return {leaf.version, leaf.leaf, leaf.validation};
}

core::LeafId from_wire(const wire::LeafId& leaf) {
  return {leaf.version(), leaf.validation(), leaf.leaf()};
}

/// Whether the leaves of the block have numbers.
bool is_block(const wire::Block& block) {
  return block.level() < 64 && block.index() < std::uint64_t{1} << (63 - block.level());
}

core::Block from_wire(const wire::Block& block) {
  return {block.level(), block.index()};
}

BlocksOffset write_blocks(Builder& builder, const std::vector<core::Block>& blocks) {
  std::vector<wire::Block> written;
  written.reserve(blocks.size());
  for (const core::Block& block : blocks) written.push_back(to_wire(block));
  return builder.CreateVectorOfStructs(written);
}

bool read_blocks(const BlockVector& from, std::vector<core::Block>& to) {
  if (!is_aligned(from, alignof(wire::Block))) return false;
  to.reserve(from.size());
  for (const wire::Block* block : from) {
    if (!is_block(*block)) return false;
    to.push_back(from_wire(*block));
  }
  return true;
}

// ---- each message, written

template <class Table>
Written<wire::Letter> as_letter(flatbuffers::Offset<Table> table) {
  return {wire::LetterTraits<Table>::enum_value, table.Union()};
}

/// To be visited with.
struct MessageWriter {
  using Letter = Written<wire::Letter>;

  Letter operator()(const core::Beat& beat) const {
    return as_letter(wire::CreateBeat(builder, beat.holds, beat.leaves_per_second, beat.usage.cpu_seconds,
                                      beat.usage.resident_bytes));
  }
  Letter operator()(const core::Leave&) const { return as_letter(wire::CreateLeave(builder)); }
  Letter operator()(const core::Drained&) const { return as_letter(wire::CreateDrained(builder)); }
  Letter operator()(const core::SlotFailed& failed) const {
    const auto cause = write_text(builder, failed.cause, kProse);
    const wire::LeafId leaf = to_wire(failed.leaf);
    return as_letter(wire::CreateSlotFailed(builder, failed.slot, failed.at_leaf, &leaf, cause));
  }
  Letter operator()(const core::LeafNotFinite& found) const {
    const wire::LeafId leaf = to_wire(found.leaf);
    return as_letter(wire::CreateLeafNotFinite(builder, &leaf));
  }
  Letter operator()(const core::BlockValidated& validated) const {
    std::vector<wire::Loss> losses;
    losses.reserve(validated.losses.size());
    for (const core::LeafLoss& loss : validated.losses) losses.emplace_back(loss.loss_sum, loss.weight_sum);
    const auto written = builder.CreateVectorOfStructs(losses);
    const wire::Block block = to_wire(validated.block);
    return as_letter(wire::CreateBlockValidated(builder, validated.version, &block, written));
  }
  Letter operator()(const core::BlockPushed& pushed) const {
    const wire::Block block = to_wire(pushed.block);
    const wire::Loss sums(pushed.loss_sum, pushed.weight_sum);
    return as_letter(wire::CreateBlockPushed(builder, pushed.base, &block, pushed.digest, pushed.finite, &sums,
                                             pushed.lease, pushed.unit, pushed.compute_seconds));
  }
  Letter operator()(const core::VersionHeld& held) const {
    return as_letter(wire::CreateVersionHeld(builder, held.version));
  }
  Letter operator()(const core::PlanChanged& plan) const {
    const BlocksOffset blocks = write_blocks(builder, plan.blocks);
    return as_letter(wire::CreatePlanChanged(builder, plan.number, plan.from_version, blocks));
  }
  Letter operator()(const core::RoundLease& lease) const {
    return as_letter(wire::CreateRoundLease(builder, lease.base, write_blocks(builder, lease.blocks)));
  }
  Letter operator()(const core::ValidationLease& lease) const {
    return as_letter(wire::CreateValidationLease(builder, lease.version, write_blocks(builder, lease.blocks)));
  }
  Letter operator()(const core::RestartSlot& restart) const {
    return as_letter(wire::CreateRestartSlot(builder, restart.slot));
  }
  Letter operator()(const core::EndAt& end) const { return as_letter(wire::CreateEndAt(builder, end.version)); }
  Letter operator()(const core::Drain&) const { return as_letter(wire::CreateDrain(builder)); }
  Letter operator()(const core::ReleaseVersion& release) const {
    return as_letter(wire::CreateReleaseVersion(builder, release.version));
  }
  Letter operator()(const core::VersionSlice& slice) const {
    return as_letter(wire::CreateVersionSlice(builder, slice.shard, slice.version, slice.lease, slice_digest));
  }
  Letter operator()(const core::UnitLease& lease) const {
    return as_letter(wire::CreateUnitLease(builder, lease.lease, lease.unit, lease.base));
  }
  Letter operator()(const core::LeaseRevoked& revoked) const {
    return as_letter(wire::CreateLeaseRevoked(builder, revoked.lease));
  }

  Builder& builder;
  std::uint64_t slice_digest = 0;
};

// ---- each message, read

using Read = std::optional<core::SessionMessage>;

Read read_message(const wire::Beat& beat, const core::Sender& sender) {
  return core::Beat{sender, beat.holds(), beat.leaves_per_second(), {beat.cpu_seconds(), beat.resident_bytes()}};
}
Read read_message(const wire::Leave&, const core::Sender& sender) {
  return core::Leave{sender};
}
Read read_message(const wire::Drained&, const core::Sender& sender) {
  return core::Drained{sender};
}
Read read_message(const wire::SlotFailed& from, const core::Sender& sender) {
  core::SlotFailed failed{sender, from.slot(), from.at_leaf(), from_wire(*from.leaf()), {}};
  if (!read_text(*from.cause(), kProse, failed.cause)) return std::nullopt;
  return failed;
}
Read read_message(const wire::LeafNotFinite& found, const core::Sender& sender) {
  return core::LeafNotFinite{sender, from_wire(*found.leaf())};
}
Read read_message(const wire::BlockValidated& from, const core::Sender& sender) {
  if (!is_block(*from.block()) || !is_aligned(*from.losses(), alignof(wire::Loss))) return std::nullopt;
  core::BlockValidated validated{sender, from.version(), from_wire(*from.block()), {}};
  validated.losses.reserve(from.losses()->size());
  for (const wire::Loss* loss : *from.losses()) validated.losses.push_back({loss->loss_sum(), loss->weight_sum()});
  return validated;
}
Read read_message(const wire::BlockPushed& from, const core::Sender& sender) {
  if (!is_block(*from.block())) return std::nullopt;
  return core::BlockPushed{sender,
                           from.base(),
                           from_wire(*from.block()),
                           from.digest(),
                           from.finite(),
                           from.sums()->loss_sum(),
                           from.sums()->weight_sum(),
                           from.lease(),
                           from.unit(),
                           from.compute_seconds()};
}
Read read_message(const wire::VersionHeld& held, const core::Sender& sender) {
  return core::VersionHeld{sender, held.version()};
}
Read read_message(const wire::PlanChanged& from, const core::Sender&) {
  core::PlanChanged plan{from.number(), from.from_version(), {}};
  if (!read_blocks(*from.blocks(), plan.blocks)) return std::nullopt;
  return plan;
}
Read read_message(const wire::RoundLease& from, const core::Sender&) {
  core::RoundLease lease{from.base(), {}};
  if (!read_blocks(*from.blocks(), lease.blocks)) return std::nullopt;
  return lease;
}
Read read_message(const wire::ValidationLease& from, const core::Sender&) {
  core::ValidationLease lease{from.version(), {}};
  if (!read_blocks(*from.blocks(), lease.blocks)) return std::nullopt;
  return lease;
}
Read read_message(const wire::RestartSlot& restart, const core::Sender&) {
  return core::RestartSlot{restart.slot()};
}
Read read_message(const wire::EndAt& end, const core::Sender&) {
  return core::EndAt{end.version()};
}
Read read_message(const wire::Drain&, const core::Sender&) {
  return core::Drain{};
}
Read read_message(const wire::ReleaseVersion& release, const core::Sender&) {
  return core::ReleaseVersion{release.version()};
}
Read read_message(const wire::UnitLease& lease, const core::Sender&) {
  return core::UnitLease{lease.lease(), lease.unit(), lease.base()};
}
Read read_message(const wire::LeaseRevoked& revoked, const core::Sender&) {
  return core::LeaseRevoked{revoked.lease()};
}

/// The message of the table that the union holds.
template <class Table>
std::optional<Letter> read_as(const wire::Segment& segment, const core::Sender& session) {
  Read message = read_message(*segment.letter_as<Table>(), session);
  if (!message) return std::nullopt;
  return Letter{std::move(*message)};
}

std::optional<Letter> read_slice(const wire::VersionSlice& slice) {
  return Letter{core::SessionMessage{core::VersionSlice{slice.shard(), slice.version(), slice.lease()}},
                slice.digest()};
}

std::optional<Letter> read_chunk(const wire::Chunk& chunk, const Body& body) {
  const bool whole_floats = !body.bytes.empty() && body.bytes.size() % sizeof(float) == 0;
  if (!whole_floats || chunk.offset() > kTensorFloatsMax) return std::nullopt;
  return Letter{Chunk{chunk.offset(), body}};
}

}  // namespace

Written<wire::Letter> write(Builder& builder, const Letter& letter) {
  if (const auto* chunk = std::get_if<Chunk>(&letter.content)) {
    return as_letter(wire::CreateChunk(builder, chunk->offset));
  }
  return std::visit(MessageWriter{builder, letter.slice_digest}, std::get<core::SessionMessage>(letter.content));
}

std::optional<Letter> read_letter(const wire::Segment& segment, const core::Sender& session, const Body& body) {
  if (segment.letter() == nullptr) return std::nullopt;  // only its kind is there
  if (segment.letter_type() != wire::Letter::Chunk && !body.bytes.empty()) return std::nullopt;
  switch (segment.letter_type()) {
    case wire::Letter::Beat:
      return read_as<wire::Beat>(segment, session);
    case wire::Letter::Leave:
      return read_as<wire::Leave>(segment, session);
    case wire::Letter::Drained:
      return read_as<wire::Drained>(segment, session);
    case wire::Letter::SlotFailed:
      return read_as<wire::SlotFailed>(segment, session);
    case wire::Letter::LeafNotFinite:
      return read_as<wire::LeafNotFinite>(segment, session);
    case wire::Letter::BlockValidated:
      return read_as<wire::BlockValidated>(segment, session);
    case wire::Letter::BlockPushed:
      return read_as<wire::BlockPushed>(segment, session);
    case wire::Letter::VersionHeld:
      return read_as<wire::VersionHeld>(segment, session);
    case wire::Letter::PlanChanged:
      return read_as<wire::PlanChanged>(segment, session);
    case wire::Letter::RoundLease:
      return read_as<wire::RoundLease>(segment, session);
    case wire::Letter::ValidationLease:
      return read_as<wire::ValidationLease>(segment, session);
    case wire::Letter::RestartSlot:
      return read_as<wire::RestartSlot>(segment, session);
    case wire::Letter::EndAt:
      return read_as<wire::EndAt>(segment, session);
    case wire::Letter::Drain:
      return read_as<wire::Drain>(segment, session);
    case wire::Letter::ReleaseVersion:
      return read_as<wire::ReleaseVersion>(segment, session);
    case wire::Letter::VersionSlice:
      return read_slice(*segment.letter_as_VersionSlice());
    case wire::Letter::UnitLease:
      return read_as<wire::UnitLease>(segment, session);
    case wire::Letter::LeaseRevoked:
      return read_as<wire::LeaseRevoked>(segment, session);
    case wire::Letter::Chunk:
      return read_chunk(*segment.letter_as_Chunk(), body);
    case wire::Letter::NONE:
      break;
  }
  return std::nullopt;
}

}  // namespace fulmar::transport
