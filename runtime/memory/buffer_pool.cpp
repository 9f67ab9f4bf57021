#include "runtime/memory/buffer_pool.hpp"

#include <map>
#include <mutex>
#include <new>
#include <utility>
#include <vector>

namespace fulmar {
namespace {

constexpr std::align_val_t kAlignment{64};

}  // namespace

void Buffer::Free::operator()(float* values) const {
  ::operator delete[](values, kAlignment);
}

Buffer::Buffer(std::size_t floats)
    : values_(static_cast<float*>(::operator new[](floats * sizeof(float), kAlignment))), size_(floats) {}

struct BufferPool::Shelf {
  std::mutex mutex;
  std::map<std::size_t, std::vector<std::unique_ptr<Buffer>>> idle;  // by size
};

BufferPool::BufferPool() : shelf_(std::make_shared<Shelf>()) {}

MutableBuffer BufferPool::take(std::size_t floats) {
  std::unique_ptr<Buffer> buffer;
  {
    const std::lock_guard lock(shelf_->mutex);
    auto& same_size = shelf_->idle[floats];
    if (!same_size.empty()) {
      buffer = std::move(same_size.back());
      same_size.pop_back();
    }
  }
  if (!buffer) buffer = std::make_unique<Buffer>(floats);
  // The deleter keeps the shelf alive, not the pool.
  return {buffer.release(), [shelf = shelf_](Buffer* released) {
            std::unique_ptr<Buffer> owned(released);
            const std::lock_guard lock(shelf->mutex);
            shelf->idle[owned->size()].push_back(std::move(owned));
          }};
}

std::size_t BufferPool::idle() const {
  const std::lock_guard lock(shelf_->mutex);
  std::size_t count = 0;
  for (const auto& [size, buffers] : shelf_->idle) count += buffers.size();
  return count;
}

}  // namespace fulmar
