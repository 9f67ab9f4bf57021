// Puts messages and the tensors that travel beside them together again: on one channel of one session, from what a
// link delivers, in order. A tensor is written, chunk by chunk, into a buffer of the pool.
// Thread rule: one owner.
//
// ASSEMBLE-1: a message comes out once, when all of its tensor is there and has the digest that was announced: TCP's
// checksum is too weak for what a long run moves. ASSEMBLE-2: what does not fit (a chunk without a message, out of
// place, or too long; a message where a chunk is due; one that does not belong to the channel or to this side; a wrong
// digest) is an error, after which nothing is taken: a peer that sends such things is not to be trusted. ASSEMBLE-3: at
// most one tensor, of the size that the channel has, is kept.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "runtime/memory/buffer_pool.hpp"
#include "runtime/transport/datagram.hpp"
#include "runtime/vocabulary/result.hpp"

namespace fulmar::transport {

/// A message, and what came with it.
struct Delivery {
  core::SessionMessage message;
  MutableBuffer tensor;  ///< where the message has one: the shard's extent
};

struct AssemblerSettings {
  Side sender = Side::node;
  core::Channel channel = core::kSupervisorChannel;
  std::size_t tensor_floats = 0;  ///< of the channel's shard
};

class Assembler {
 public:
  Assembler(AssemblerSettings settings, BufferPool& pool) : settings_(settings), pool_(&pool) {}

  /// Nothing yet, a delivery, or an Error that says what was wrong.
  Result<std::optional<Delivery>> add(const Letter& letter);

 private:
  using Added = Result<std::optional<Delivery>>;

  Added begin(const core::SessionMessage& message, std::uint64_t slice_digest);
  Added fill(const Chunk& chunk);
  Added finish();

  AssemblerSettings settings_;
  BufferPool* pool_;
  std::optional<Delivery> open_;  // its tensor is coming
  std::uint64_t digest_ = 0;      // what that should have
  std::size_t filled_ = 0;        // floats of it
  bool failed_ = false;
};

/// The letters that carry a message and its tensor: `floats` of `tensor` from `begin` on, which are kept alive, not
/// copied. For a message without a tensor, that one letter.
std::vector<Letter> letters_of(core::SessionMessage message, const SharedBuffer& tensor, std::size_t begin,
                               std::size_t floats);

/// Small enough to take less than a beat on a slow network; for large tensors more, so that a link, which keeps a
/// limited number of letters, can keep dozens of them.
std::size_t chunk_bytes(std::size_t tensor_floats);

}  // namespace fulmar::transport
