// A climatology as bytes: kind, number of variables, points of a fine and of a coarse field; then for each variable its
// scales and, for each month, both fields. In the byte order of the machine, which alone reads it again.
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "data/climatology.hpp"

namespace fulmar::data {
namespace {

class Writer {
 public:
  void put(std::uint64_t number) { append(&number, sizeof number); }
  void put(const FieldScales& scales) { append(&scales, sizeof scales); }
  void put(const std::vector<float>& field) { append(field.data(), field.size() * sizeof(float)); }
  std::string take() { return std::move(bytes_); }

 private:
  static_assert(std::is_trivially_copyable_v<FieldScales>);
  void append(const void* from, std::size_t size) { bytes_.append(static_cast<const char*>(from), size); }

  std::string bytes_;
};

/// Once something is missing, nothing more is read.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  std::uint64_t number() {
    std::uint64_t number = 0;
    take(&number, sizeof number);
    return number;
  }
  FieldScales scales() {
    FieldScales scales;
    take(&scales, sizeof scales);
    return scales;
  }
  std::vector<float> field(std::uint64_t points) {
    ok_ = ok_ && points <= rest_.size() / sizeof(float);
    std::vector<float> field(ok_ ? points : 0);
    take(field.data(), field.size() * sizeof(float));
    return field;
  }
  bool ok() const { return ok_; }
  bool is_at_end() const { return ok_ && rest_.empty(); }

 private:
  void take(void* to, std::size_t size) {
    ok_ = ok_ && size <= rest_.size();
    if (!ok_ || size == 0) return;
    std::memcpy(to, rest_.data(), size);
    rest_.remove_prefix(size);
  }

  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace

std::string Climatology::to_bytes() const {
  Writer writer;
  writer.put(static_cast<std::uint64_t>(kind_));
  writer.put(years_.size());
  writer.put(years_.empty() ? 0 : years_.front().front().fine.size());
  writer.put(years_.empty() ? 0 : years_.front().front().coarse.size());
  for (std::size_t v = 0; v < years_.size(); ++v) {
    writer.put(scales_[v]);
    for (const Monthly& month : years_[v]) {
      writer.put(month.fine);
      writer.put(month.coarse);
    }
  }
  return writer.take();
}

std::optional<Climatology> Climatology::from_bytes(std::string_view bytes) {
  Reader reader(bytes);
  Climatology read;
  const std::uint64_t kind = reader.number(), variables = reader.number();
  const std::uint64_t fine = reader.number(), coarse = reader.number();
  if (kind > static_cast<std::uint64_t>(AnomalyKind::month)) return std::nullopt;
  read.kind_ = static_cast<AnomalyKind>(kind);
  for (std::uint64_t v = 0; v < variables && reader.ok(); ++v) {
    read.scales_.push_back(reader.scales());
    Year& year = read.years_.emplace_back();
    for (Monthly& month : year) {
      month.fine = reader.field(fine);
      month.coarse = reader.field(coarse);
    }
  }
  if (!reader.is_at_end()) return std::nullopt;
  return read;
}

}  // namespace fulmar::data
