#include "models/model.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <sstream>
#include <string_view>

#include "models/cnn.hpp"
#include "models/linear.hpp"
#include "runtime/vocabulary/nearest_name.hpp"

namespace fulmar::models {
namespace {

constexpr std::size_t kDenseParametersMax = std::size_t{1} << 28;  // 1 GiB of floats, as much again per gradient
constexpr std::size_t kChannelsMax = 4096;
constexpr std::size_t kKernelMax = 31;

template <class... Parts>
Error error(const Parts&... parts) {
  std::ostringstream message;
  message << "[model] ";
  (message << ... << parts);
  return Error{message.str()};
}

std::string describe(const FieldShape& shape) {
  return std::to_string(shape.channels) + " channels of " + std::to_string(shape.latitudes) + " x " +
         std::to_string(shape.longitudes) + " points";
}

Result<void> check_shapes(const FieldShape& input, const FieldShape& output, std::size_t leaf_size) {
  if (input.size() == 0) return error("the task gives an empty input: ", describe(input), "; check [data]");
  if (output.size() == 0) return error("the task asks for an empty output: ", describe(output), "; check [data]");
  if (leaf_size == 0) return error("leaf_size = 0; a leaf needs at least one sample: set leaf_size to 1 or more");
  return {};
}

Result<void> check_linear(const FieldShape& input, const FieldShape& output) {
  const double weights = static_cast<double>(input.size()) * static_cast<double>(output.size());  // cannot overflow
  if (weights <= static_cast<double>(kDenseParametersMax)) return {};
  return error("kind = \"linear\" would connect ", describe(input), " with ", describe(output), ": more than ",
               kDenseParametersMax, " weights (1 GiB), the most it may have; use kind = \"cnn\" or a coarser grid");
}

Result<void> check_channels(const std::vector<std::size_t>& channels) {
  for (std::size_t i = 0; i < channels.size(); ++i) {
    if (channels[i] >= 1 && channels[i] <= kChannelsMax) continue;
    return error("channels[", i, "] = ", channels[i], "; a hidden layer has 1 to ", kChannelsMax,
                 " channels: change or remove the entry");
  }
  return {};
}

Result<void> check_cnn(const ModelSpec& spec, const FieldShape& input, const FieldShape& output) {
  if (spec.kernel % 2 == 0 || spec.kernel > kKernelMax) {
    return error("kernel = ", spec.kernel, "; a kernel has a centre, so its width is odd, 1 to ", kKernelMax,
                 ": try 3");
  }
  if (spec.kernel / 2 > input.longitudes) {
    return error("kernel = ", spec.kernel, " reaches more than once round ", input.longitudes,
                 " longitudes: take a smaller one");
  }
  if (!(spec.dropout >= 0.0 && spec.dropout < 1.0)) {
    return error("dropout = ", spec.dropout, "; it is the share of hidden values dropped while training, at least 0 ",
                 "and below 1: 0 switches it off, 0.1 is usual");
  }
  if (input.latitudes != output.latitudes || input.longitudes != output.longitudes) {
    return error("kind = \"cnn\" keeps the grid, but the task maps ", describe(input), " to ", describe(output),
                 ": use kind = \"linear\" or a task on one grid");
  }
  return check_channels(spec.channels);
}

}  // namespace

Result<std::unique_ptr<Model>> make_model(const ModelSpec& spec, const FieldShape& input, const FieldShape& output,
                                          std::size_t leaf_size) {
  if (auto checked = check_shapes(input, output, leaf_size); !checked) return checked.error();
  if (spec.kind == "linear") {
    if (auto checked = check_linear(input, output); !checked) return checked.error();
    return std::unique_ptr<Model>(std::make_unique<Linear>(input, output, leaf_size));
  }
  if (spec.kind == "cnn") {
    if (auto checked = check_cnn(spec, input, output); !checked) return checked.error();
    return std::unique_ptr<Model>(std::make_unique<Cnn>(spec, input, output, leaf_size));
  }
  return unknown_choice("[model] kind", spec.kind, std::vector<std::string>{"cnn", "linear"});
}

}  // namespace fulmar::models
