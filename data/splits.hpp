// Which times of a data set train, validate and test.
// Thread rule: values, no shared state.
//
// SPLIT-1: no time is in two splits; a split's times ascend.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "data/calendar.hpp"
#include "data/task.hpp"
#include "runtime/vocabulary/result.hpp"

namespace fulmar::data {

class Splits {
 public:
  /// Assigns each date by its month. Errors name the [data] key, what it says and what the data covers.
  static Result<Splits> assign(const DataSpec& spec, const std::vector<Date>& dates);

  /// Indices into the dates.
  const std::vector<std::size_t>& times(Split split) const { return times_[static_cast<std::size_t>(split)]; }

 private:
  std::array<std::vector<std::size_t>, 3> times_;
};

}  // namespace fulmar::data
