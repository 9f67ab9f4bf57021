// Decoded fields, kept in memory up to a bound: the [data] cache option.
//
// Thread rule: field() may be called from any thread. A miss is read without the lock held; two threads that miss the
// same field at once both read it.
//
// CACHE-1: what field() yields does not depend on the size of the cache, nor on what was asked for before.
// CACHE-2: the cache itself never holds more than `bytes_max`; fields that a caller still holds are the caller's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "data/gridded_dataset.hpp"
#include "runtime/vocabulary/result.hpp"

namespace fulmar::data {

/// [latitude][longitude], NaN where missing.
using Field = std::shared_ptr<const std::vector<float>>;

class FieldCache {
 public:
  FieldCache(GriddedDataset dataset, std::size_t bytes_max);

  const GriddedDataset& dataset() const { return dataset_; }
  std::size_t field_bytes() const { return dataset_.grid().size() * sizeof(float); }

  /// The field of `variable` at dates()[time]. Errors name the file, the variable and the time.
  Result<Field> field(std::size_t variable, std::size_t time) const;

  std::uint64_t file_reads() const;  ///< misses so far

 private:
  struct Entry {
    std::uint64_t key = 0;
    Field field;
  };

  const GriddedDataset dataset_;
  const std::size_t bytes_max_;
  mutable std::mutex mutex_;
  mutable std::list<Entry> entries_;  ///< most recently used first
  mutable std::unordered_map<std::uint64_t, std::list<Entry>::iterator> by_key_;
  mutable std::uint64_t file_reads_ = 0;
};

}  // namespace fulmar::data
