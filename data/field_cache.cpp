#include "data/field_cache.hpp"

#include <utility>

namespace fulmar::data {

FieldCache::FieldCache(GriddedDataset dataset, std::size_t bytes_max)
    : dataset_(std::move(dataset)), bytes_max_(bytes_max) {}

Result<Field> FieldCache::field(std::size_t variable, std::size_t time) const {
  const std::uint64_t key = static_cast<std::uint64_t>(variable) * dataset_.dates().size() + time;
  {
    const std::lock_guard lock(mutex_);
    if (const auto hit = by_key_.find(key); hit != by_key_.end()) {
      entries_.splice(entries_.begin(), entries_, hit->second);
      return hit->second->field;
    }
    ++file_reads_;
  }
  const auto values = std::make_shared<std::vector<float>>(dataset_.grid().size());
  if (auto read = dataset_.read(variable, time, *values); !read) return read.error();
  const Field field = values;

  const std::lock_guard lock(mutex_);
  if (field_bytes() > bytes_max_ || by_key_.contains(key)) return field;
  while ((entries_.size() + 1) * field_bytes() > bytes_max_) {
    by_key_.erase(entries_.back().key);
    entries_.pop_back();
  }
  entries_.push_front({key, field});
  by_key_[key] = entries_.begin();
  return field;
}

std::uint64_t FieldCache::file_reads() const {
  const std::lock_guard lock(mutex_);
  return file_reads_;
}

}  // namespace fulmar::data
