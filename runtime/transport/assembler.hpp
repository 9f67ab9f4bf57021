// Puts messages and the tensors that travel beside them together again: on one channel of one session, from what a
// link delivers, in order. A tensor is written, chunk by chunk, into a buffer of the pool.
// Thread rule: one owner.
//
// ASSEMBLE-1: a message comes out once, when all of its tensor is there. ASSEMBLE-2: what does not fit (a chunk without
// a message, out of place, or too long; a message where a chunk is due; one that does not belong to the channel or to
// this side) is an error, after which nothing is taken: a peer that sends such things is not to be trusted.
// ASSEMBLE-3: at most one tensor, of the size that the channel has, is kept.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <variant>

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
  std::optional<std::string> reason_to_refuse(const core::SessionMessage& message) const;
  Result<std::optional<Delivery>> begin(const core::SessionMessage& message);
  Result<std::optional<Delivery>> fill(const Chunk& chunk);

  AssemblerSettings settings_;
  BufferPool* pool_;
  std::optional<Delivery> open_;  // its tensor is coming
  std::size_t filled_ = 0;        // floats of it
  bool failed_ = false;
};

/// The letters that carry a message and its tensor: `extent` of `tensor`, which is kept alive, not copied.
std::vector<Letter> letters_of(core::SessionMessage message, const SharedBuffer& tensor, std::size_t begin,
                               std::size_t floats);

/// Small enough to take less than a beat on a slow network, and few enough for a link to keep a large tensor's.
std::size_t chunk_bytes(std::size_t tensor_floats);

}  // namespace fulmar::transport
