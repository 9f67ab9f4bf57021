#include <algorithm>
#include <array>
#include <bit>

#include <nlohmann/json.hpp>

#include "runtime/storage/json_reader.hpp"
#include "runtime/storage/safetensors.hpp"

namespace fulmar::storage {
namespace {

static_assert(std::endian::native == std::endian::little, "safetensors are little endian, and so must the machine be");

/// Hashing and writing a piece while it is still in the cache.
constexpr std::size_t kPieceBytes = std::size_t{256} * 1024;

std::size_t element_count(const Tensor& tensor) {
  std::size_t count = 1;
  for (const std::size_t extent : tensor.shape) count *= extent;
  return count;
}

std::vector<const Tensor*> sorted_by_name(std::span<const Tensor> tensors) {
  std::vector<const Tensor*> sorted;
  for (const Tensor& tensor : tensors) {
    FULMAR_ASSERT(element_count(tensor) == tensor.values.size(),
                  "tensor " + tensor.name + " holds " + std::to_string(tensor.values.size()) + " values");
    sorted.push_back(&tensor);
  }
  std::sort(sorted.begin(), sorted.end(), [](const Tensor* a, const Tensor* b) { return a->name < b->name; });
  const auto twin = std::adjacent_find(sorted.begin(), sorted.end(),
                                       [](const Tensor* a, const Tensor* b) { return a->name == b->name; });
  FULMAR_ASSERT(twin == sorted.end(), "two tensors have the name " + (*twin)->name);
  return sorted;
}

/// The length field and the JSON header.
std::string header(std::span<const Tensor* const> sorted) {
  nlohmann::json entries = nlohmann::json::object();
  std::size_t offset = 0;
  for (const Tensor* tensor : sorted) {
    const std::size_t end = offset + tensor->values.size_bytes();
    entries[tensor->name] = {{"dtype", "F32"}, {"shape", tensor->shape}, {"data_offsets", {offset, end}}};
    offset = end;
  }
  std::string text = compact(entries);
  text.resize((text.size() + 7) / 8 * 8, ' ');
  const auto length = std::bit_cast<std::array<char, 8>>(std::uint64_t{text.size()});
  return std::string(length.begin(), length.end()) + text;
}

}  // namespace

Result<void> encode_safetensors(std::span<const Tensor> tensors, const ByteSink& sink) {
  const auto sorted = sorted_by_name(tensors);
  const std::string head = header(sorted);
  if (auto done = sink(std::as_bytes(std::span(head))); !done) return done;
  for (const Tensor* tensor : sorted) {
    for (auto left = std::as_bytes(tensor->values); !left.empty();) {
      const auto piece = left.first(std::min(left.size(), kPieceBytes));
      if (auto done = sink(piece); !done) return done;
      left = left.subspan(piece.size());
    }
  }
  return {};
}

Result<FileDigest> write_safetensors(OutputFile& file, std::span<const Tensor> tensors) {
  Sha256 hasher;
  const auto done = encode_safetensors(tensors, [&](std::span<const std::byte> bytes) {
    hasher.update(bytes);
    return file.append(bytes);
  });
  if (!done) return done.error();
  return hasher.finish();
}

FileDigest safetensors_digest(std::span<const Tensor> tensors) {
  Sha256 hasher;
  const auto done = encode_safetensors(tensors, [&](std::span<const std::byte> bytes) {
    hasher.update(bytes);
    return Result<void>{};
  });
  FULMAR_ASSERT(done.ok(), "hashing cannot fail");
  return hasher.finish();
}

}  // namespace fulmar::storage
