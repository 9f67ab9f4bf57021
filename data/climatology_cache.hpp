// Fitted climatologies on this machine's disk. Fitting reads the whole training period, twice; a node that joins again,
// or a head that resumes, need not.
//
// Thread rule: any thread; processes may share a folder.
//
// RECALL-1: what is recalled is, bit for bit, what fitting would give, as far as path, size and time of change tell one
//           state of a file from another.
// RECALL-2: an entry that is damaged, cut off, or of another format is none.
// RECALL-3: where nothing can be read or written, everything works, and takes longer.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "data/climatology.hpp"

namespace fulmar::data {

class ClimatologyCache {
 public:
  /// An entry may have the size of a year of monthly fields; so many are kept, the newest.
  static constexpr std::size_t kEntriesMax = 16;

  explicit ClimatologyCache(std::filesystem::path folder) : folder_(std::move(folder)) {}
  /// $XDG_CACHE_HOME/fulmar or ~/.cache/fulmar; keeps nothing where there is neither.
  static ClimatologyCache of_user();

  std::optional<Climatology> find(const std::string& key) const;
  void keep(const std::string& key, const Climatology& climatology) const;

 private:
  std::filesystem::path entry(const std::string& key) const;
  void remove_old() const;

  std::filesystem::path folder_;  ///< empty: nowhere
};

/// What a fit follows from; nothing where a file cannot be looked at.
std::optional<std::string> climatology_key(const GriddedDataset& dataset,
                                           const std::vector<std::size_t>& training_times, AnomalyKind kind,
                                           std::size_t factor);

/// Climatology::fit(), or what it gave before.
Result<Climatology> recall_or_fit(const ClimatologyCache& cache, const FieldCache& fields,
                                  const std::vector<std::size_t>& training_times, AnomalyKind kind,
                                  const Regridding& regridding, std::span<const double> row_weights);

}  // namespace fulmar::data
