#include "data/climatology_cache.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string_view>
#include <unistd.h>
#include <utility>

#include "data/fingerprint.hpp"

namespace fulmar::data {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFormat = "fulmar climatology 1\n";  // to be raised when a fit would give other bits
constexpr std::string_view kPrefix = "climatology-";

std::string digest_of(std::string_view bytes) {
  Fingerprint digest;
  digest.add(bytes);
  return digest.hex();
}

}  // namespace

ClimatologyCache ClimatologyCache::of_user() {
  const char* folder = std::getenv("XDG_CACHE_HOME");
  if (folder != nullptr && *folder == '/') return ClimatologyCache(fs::path(folder) / "fulmar");
  const char* home = std::getenv("HOME");
  if (home != nullptr && *home == '/') return ClimatologyCache(fs::path(home) / ".cache" / "fulmar");
  return ClimatologyCache({});
}

fs::path ClimatologyCache::entry(const std::string& key) const {
  return folder_ / (std::string(kPrefix) + key);
}

std::optional<Climatology> ClimatologyCache::find(const std::string& key) const {
  if (folder_.empty()) return std::nullopt;
  std::ifstream file(entry(key), std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  std::string_view rest = bytes;
  const std::string head = std::string(kFormat) + key;
  if (!rest.starts_with(head)) return std::nullopt;
  rest.remove_prefix(head.size());
  const std::size_t digest_size = digest_of("").size();
  if (rest.size() < digest_size || rest.substr(0, digest_size) != digest_of(rest.substr(digest_size)))
    return std::nullopt;
  return Climatology::from_bytes(rest.substr(digest_size));
}

void ClimatologyCache::keep(const std::string& key, const Climatology& climatology) const {
  if (folder_.empty()) return;
  std::error_code failed;
  fs::create_directories(folder_, failed);
  const std::string bytes = climatology.to_bytes();
  fs::path written = entry(key);
  written += "." + std::to_string(getpid());
  std::ofstream file(written, std::ios::binary);
  file << kFormat << key << digest_of(bytes) << bytes;
  file.close();
  if (file) fs::rename(written, entry(key), failed);
  if (!file || failed) {
    fs::remove(written, failed);
  } else {
    remove_old();
  }
}

void ClimatologyCache::remove_old() const {
  std::vector<std::pair<fs::file_time_type, fs::path>> entries;
  std::error_code failed;
  for (fs::directory_iterator at(folder_, failed), end; !failed && at != end; at.increment(failed)) {
    if (at->path().filename().string().starts_with(kPrefix))
      entries.emplace_back(at->last_write_time(failed), at->path());
  }
  std::sort(entries.begin(), entries.end());
  const std::size_t surplus = entries.size() > kEntriesMax ? entries.size() - kEntriesMax : 0;
  for (std::size_t i = 0; i < surplus; ++i) fs::remove(entries[i].second, failed);
}

std::optional<std::string> climatology_key(const GriddedDataset& dataset,
                                           const std::vector<std::size_t>& training_times, AnomalyKind kind,
                                           std::size_t factor) {
  Fingerprint key;
  for (const std::string& path : dataset.files()) {
    std::error_code failed;
    const fs::path absolute = fs::weakly_canonical(path, failed);
    if (failed) return std::nullopt;
    const std::uint64_t bytes = fs::file_size(absolute, failed);
    if (failed) return std::nullopt;
    const auto changed = fs::last_write_time(absolute, failed).time_since_epoch();
    if (failed) return std::nullopt;
    key.add(absolute.string());
    key.add(bytes);
    key.add(static_cast<std::uint64_t>(std::chrono::nanoseconds(changed).count()));
  }
  for (std::size_t v = 0; v < dataset.variables().size(); ++v) {
    key.add(dataset.variables()[v]);
    key.add(dataset.unit(v));
  }
  key.add(dataset.grid().latitudes);
  key.add(dataset.grid().longitudes);
  key.add(std::uint64_t{training_times.size()});
  for (const std::size_t time : training_times) {
    key.add(std::uint64_t{time});
    key.add(to_string(dataset.dates()[time]));
  }
  key.add(static_cast<std::uint64_t>(kind));
  key.add(std::uint64_t{factor});
  return key.hex();
}

Result<Climatology> recall_or_fit(const ClimatologyCache& cache, const FieldCache& fields,
                                  const std::vector<std::size_t>& training_times, AnomalyKind kind,
                                  const Regridding& regridding, std::span<const double> row_weights) {
  const auto key = climatology_key(fields.dataset(), training_times, kind, regridding.factor());
  if (key) {
    if (std::optional<Climatology> found = cache.find(*key)) return std::move(*found);
  }
  Result<Climatology> fitted = Climatology::fit(fields, training_times, kind, regridding, row_weights);
  if (fitted && key) cache.keep(*key, *fitted);
  return fitted;
}

}  // namespace fulmar::data
