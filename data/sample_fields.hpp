// A sample as a person looks at it: the truth beside what a network makes of it, in the variables' own units.
// Thread rule: plain values.
#pragma once

#include <string>
#include <vector>

namespace fulmar::data {

/// Fields are [latitude][longitude] on the task's grid, NaN where there is no value.
struct PredictedField {
  std::string variable;
  std::string unit;
  std::vector<float> truth;
  std::vector<float> prediction;
};

struct SampleFields {
  std::string label;  ///< its time: "1991-08", or "1991-08-16" where a month has more than one
  std::vector<PredictedField> fields;
};

}  // namespace fulmar::data
