#include "runtime/transport/assembler.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <string>
#include <utility>

#include "runtime/core/vector_arithmetic.hpp"

namespace fulmar::transport {
namespace {

constexpr std::size_t kChunkBytesMin = std::size_t{256} << 10;
constexpr std::size_t kChunkBytesMax = std::size_t{4} << 20;
/// As long as chunks are not larger than that, a tensor has no more.
constexpr std::size_t kChunksWanted = 128;
static_assert(kChunkBytesMax < kPacketBytesMax);

/// Who may say what, and to whom. To be visited with.
struct Belongs {
  bool operator()(const core::Beat&) const { return to_supervisor(); }
  bool operator()(const core::Leave&) const { return to_supervisor(); }
  bool operator()(const core::Drained&) const { return to_supervisor(); }
  bool operator()(const core::SlotFailed&) const { return to_supervisor(); }
  bool operator()(const core::LeafNotFinite&) const { return to_supervisor(); }
  bool operator()(const core::BlockValidated&) const { return to_supervisor(); }
  bool operator()(const core::BlockPushed&) const { return is(Side::node) && channel != core::kSupervisorChannel; }
  bool operator()(const core::VersionHeld&) const { return is(Side::node) && channel == core::channel_of(0); }
  bool operator()(const core::PlanChanged&) const { return from_supervisor(); }
  bool operator()(const core::RoundLease&) const { return from_supervisor(); }
  bool operator()(const core::ValidationLease&) const { return from_supervisor(); }
  bool operator()(const core::RestartSlot&) const { return from_supervisor(); }
  bool operator()(const core::EndAt&) const { return from_supervisor(); }
  bool operator()(const core::Drain&) const { return from_supervisor(); }
  bool operator()(const core::ReleaseVersion&) const { return from_supervisor(); }
  bool operator()(const core::VersionSlice& slice) const {
    return is(Side::head) && channel != core::kSupervisorChannel && channel == core::channel_of(slice.shard);
  }
  bool operator()(const core::UnitLease&) const { return from_supervisor(); }
  bool operator()(const core::LeaseRevoked&) const { return from_supervisor(); }

  bool is(Side side) const { return sender == side; }
  bool to_supervisor() const { return is(Side::node) && channel == core::kSupervisorChannel; }
  bool from_supervisor() const { return is(Side::head) && channel == core::kSupervisorChannel; }

  Side sender;
  core::Channel channel;
};

std::string place(std::size_t floats, std::size_t of) {
  return "float " + std::to_string(floats) + " of " + std::to_string(of);
}

}  // namespace

Result<std::optional<Delivery>> Assembler::add(const Letter& letter) {
  if (failed_) return Error{"nothing is taken from this session any longer"};
  const auto* message = std::get_if<core::SessionMessage>(&letter.content);
  Added added = message != nullptr ? begin(*message, letter.slice_digest) : fill(std::get<Chunk>(letter.content));
  if (!added) {
    failed_ = true;
    open_.reset();
  }
  return added;
}

Assembler::Added Assembler::begin(const core::SessionMessage& message, std::uint64_t slice_digest) {
  const std::string channel = "channel " + std::to_string(settings_.channel);
  if (open_) return Error{channel + ": a message came where " + place(filled_, settings_.tensor_floats) + " is due"};
  if (!std::visit(Belongs{settings_.sender, settings_.channel}, message)) {
    return Error{channel + ": message " + std::to_string(message.index()) + " does not belong there"};
  }
  if (!core::has_tensor(message)) return std::optional(Delivery{message, nullptr});

  const auto* pushed = std::get_if<core::BlockPushed>(&message);
  digest_ = pushed != nullptr ? pushed->digest : slice_digest;
  filled_ = 0;
  open_ = Delivery{message, pool_->take(settings_.tensor_floats)};
  return settings_.tensor_floats == 0 ? finish() : std::optional<Delivery>();  // a shard may have no parameters
}

Assembler::Added Assembler::fill(const Chunk& chunk) {
  const std::string channel = "channel " + std::to_string(settings_.channel);
  const std::size_t floats = chunk.floats.bytes.size() / sizeof(float);
  if (!open_) return Error{channel + ": a chunk came without a message"};
  if (chunk.offset != filled_) {
    return Error{channel + ": a chunk for float " + std::to_string(chunk.offset) + " came where " +
                 place(filled_, settings_.tensor_floats) + " is due"};
  }
  if (floats == 0 || floats > settings_.tensor_floats - filled_) {
    return Error{channel + ": a chunk of " + std::to_string(floats) + " floats came for " +
                 place(filled_, settings_.tensor_floats)};
  }
  std::memcpy(open_->tensor->values().data() + filled_, chunk.floats.bytes.data(), floats * sizeof(float));
  filled_ += floats;
  return filled_ == settings_.tensor_floats ? finish() : std::optional<Delivery>();
}

Assembler::Added Assembler::finish() {
  if (core::digest(std::as_const(*open_->tensor).values()) != digest_) {
    return Error{"channel " + std::to_string(settings_.channel) +
                 ": a tensor has another digest than its message says: it was changed on its way, or is another"};
  }
  return std::exchange(open_, std::nullopt);
}

// ---- what is sent

std::vector<Letter> letters_of(core::SessionMessage message, const SharedBuffer& tensor, std::size_t begin,
                               std::size_t floats) {
  std::vector<Letter> letters;
  if (!core::has_tensor(message)) {
    letters.push_back({std::move(message)});
    return letters;
  }
  const std::span<const float> extent = tensor->values().subspan(begin, floats);
  const bool is_slice = std::holds_alternative<core::VersionSlice>(message);
  letters.push_back({std::move(message), is_slice ? core::digest(extent) : 0});
  const std::size_t chunk = chunk_bytes(floats) / sizeof(float);
  for (std::size_t offset = 0; offset < floats; offset += chunk) {
    const std::span<const float> part = extent.subspan(offset, std::min(chunk, floats - offset));
    letters.push_back({Chunk{offset, {tensor, std::as_bytes(part)}}});
  }
  return letters;
}

std::size_t chunk_bytes(std::size_t tensor_floats) {
  const std::size_t wanted = std::bit_ceil(tensor_floats * sizeof(float) / kChunksWanted);
  return std::clamp(wanted, kChunkBytesMin, kChunkBytesMax);
}

}  // namespace fulmar::transport
