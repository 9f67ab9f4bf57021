// Tensors move once: they live in buffers that are recycled, because fresh memory costs several times as much as warm.
//
// Thread rule: a pool may be used from any thread; a buffer has one writer, and readers only after it was handed on.
//
// POOL-1: take() gives memory nobody else holds, 64-byte aligned, of at least the asked size, with unspecified content.
// POOL-2: a buffer outlives the pool it came from.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

namespace fulmar {

/// A fixed number of floats, 64-byte aligned.
class Buffer {
 public:
  explicit Buffer(std::size_t floats);
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  std::span<float> values() { return {values_.get(), size_}; }
  std::span<const float> values() const { return {values_.get(), size_}; }
  std::size_t size() const { return size_; }

 private:
  struct Free {
    void operator()(float* values) const;
  };
  std::unique_ptr<float, Free> values_;
  std::size_t size_;
};

using MutableBuffer = std::shared_ptr<Buffer>;
using SharedBuffer = std::shared_ptr<const Buffer>;

class BufferPool {
 public:
  BufferPool();
  /// The last holder's release gives the memory back to the pool.
  MutableBuffer take(std::size_t floats);
  /// Buffers that wait to be used again.
  std::size_t idle() const;

 private:
  struct Shelf;
  std::shared_ptr<Shelf> shelf_;
};

}  // namespace fulmar
