#include <algorithm>
#include <cstring>
#include <set>

#include <nlohmann/json.hpp>

#include "runtime/storage/json_reader.hpp"
#include "runtime/storage/safetensors.hpp"

namespace fulmar::storage {
namespace {

using nlohmann::json;

constexpr std::size_t kLengthBytes = 8;
/// The limit that the format's own library sets.
constexpr std::uint64_t kHeaderBytesMax = 100'000'000;

/// What of the file lies where, and how messages begin.
struct Layout {
  std::string where;
  std::span<const std::byte> data;
};

/// A JSON object where no name occurs twice at the top: which of the two would count?
Result<json> parse_header(std::string_view text, const std::string& where) {
  std::set<std::string> names;
  std::string twin;
  const auto note_name = [&](int depth, json::parse_event_t event, json& parsed) {
    if (event == json::parse_event_t::key && depth == 1 && !names.insert(parsed.get<std::string>()).second) {
      twin = parsed.get<std::string>();
    }
    return true;
  };
  json header = json::parse(text, note_name, /*allow_exceptions=*/false);
  if (header.is_discarded() || !header.is_object()) return Error{where + ": the header is not a JSON object"};
  if (!twin.empty()) return Error{where + ": tensor \"" + twin + "\" is described twice"};
  return header;
}

bool all_natural(const json& array) {
  return std::all_of(array.begin(), array.end(), [](const json& value) { return value.is_number_unsigned(); });
}

/// 4 · the product of the shape; false when it does not fit.
bool shape_bytes(const std::vector<std::size_t>& shape, std::size_t& bytes) {
  bytes = sizeof(float);
  for (const std::size_t extent : shape) {
    if (__builtin_mul_overflow(bytes, extent, &bytes)) return false;
  }
  return true;
}

Result<Tensor> parse_tensor(const Layout& layout, const std::string& name, const json& entry) {
  JsonReader reader(entry, layout.where + ": tensor \"" + name + "\"");
  const std::string type = reader.text("dtype");
  const json& shape = reader.array("shape");
  const json& offsets = reader.array("data_offsets");
  if (reader.ok() && type != "F32") reader.fail("its dtype is " + type + "; only F32 is read here: convert it");
  if (!all_natural(shape)) reader.fail("its shape is " + compact(shape) + "; whole numbers from 0 were expected");
  if (reader.ok() && (offsets.size() != 2 || !all_natural(offsets))) {
    reader.fail("its data_offsets are " + compact(offsets) + "; two whole numbers were expected");
  }
  if (!reader.ok()) return reader.error();

  Tensor tensor{name, shape.get<std::vector<std::size_t>>(), {}};
  const auto begin = offsets[0].get<std::size_t>();
  const auto end = offsets[1].get<std::size_t>();
  std::size_t bytes = 0;
  if (begin > end || end > layout.data.size()) {
    reader.fail("its data_offsets " + compact(offsets) + " do not lie in the " + std::to_string(layout.data.size()) +
                " bytes of data that the file has");
  } else if (!shape_bytes(tensor.shape, bytes) || bytes != end - begin) {
    reader.fail("its shape " + compact(shape) + " does not need the " + std::to_string(end - begin) +
                " bytes that its data_offsets give it");
  } else if (begin % alignof(float) != 0) {
    reader.fail("its data begins at byte " + std::to_string(begin) + "; a multiple of 4 was expected");
  }
  if (!reader.ok()) return reader.error();
  tensor.values = {reinterpret_cast<const float*>(layout.data.data() + begin), (end - begin) / sizeof(float)};
  return tensor;
}

/// SAFETENSORS-2: no byte belongs to two tensors or to none.
Result<void> check_tiling(const Layout& layout, std::span<const Tensor> tensors) {
  std::vector<const Tensor*> by_place;
  for (const Tensor& tensor : tensors) by_place.push_back(&tensor);
  std::sort(by_place.begin(), by_place.end(), [](const Tensor* a, const Tensor* b) {
    return std::pair(a->values.data(), a->values.size()) < std::pair(b->values.data(), b->values.size());
  });
  const auto* next = reinterpret_cast<const float*>(layout.data.data());
  for (const Tensor* tensor : by_place) {
    if (tensor->values.data() != next) {
      return Error{layout.where + ": the data of tensor \"" + tensor->name +
                   (tensor->values.data() < next ? "\" overlaps that of another" : "\" leaves a gap before it")};
    }
    next += tensor->values.size();
  }
  const auto described = std::as_bytes(std::span(reinterpret_cast<const float*>(layout.data.data()), next)).size();
  if (described != layout.data.size()) {
    return Error{layout.where + ": " + std::to_string(layout.data.size() - described) +
                 " bytes at the end belong to no tensor"};
  }
  return {};
}

}  // namespace

Result<std::vector<Tensor>> parse_safetensors(std::span<const std::byte> bytes, const std::string& where) {
  std::uint64_t header_bytes = 0;
  if (bytes.size() < kLengthBytes) {
    return Error{where + ": only " + std::to_string(bytes.size()) + " bytes: not a safetensors file, or torn"};
  }
  std::memcpy(&header_bytes, bytes.data(), kLengthBytes);
  if (header_bytes > kHeaderBytesMax || header_bytes > bytes.size() - kLengthBytes) {
    return Error{where + ": claims a header of " + std::to_string(header_bytes) + " bytes in a file of " +
                 std::to_string(bytes.size()) + ": not a safetensors file, or torn"};
  }
  if (header_bytes % alignof(float) != 0) {
    return Error{where + ": the header's length " + std::to_string(header_bytes) +
                 " is no multiple of 4, so the values are not aligned; save it again with padding"};
  }
  const auto head = bytes.subspan(kLengthBytes, header_bytes);
  const std::string text(reinterpret_cast<const char*>(head.data()), head.size());
  const auto header = parse_header(text, where);
  if (!header) return header.error();

  const Layout layout{where, bytes.subspan(kLengthBytes + header_bytes)};
  std::vector<Tensor> tensors;
  for (const auto& [name, entry] : header->items()) {
    if (name == "__metadata__") continue;
    auto tensor = parse_tensor(layout, name, entry);
    if (!tensor) return tensor.error();
    tensors.push_back(std::move(*tensor));
  }
  if (auto tiled = check_tiling(layout, tensors); !tiled) return tiled.error();
  return tensors;
}

}  // namespace fulmar::storage
