// What is expected of a field before it is seen: the mean of its calendar month over the training period, and the
// scales that anomalies from it and the full fields have. Fitted once, on training times alone (DATA-2).
//
// Thread rule: immutable after fit().
//
// CLIMATOLOGY-1: a point that is missing in every training time of a month is NaN there.
// CLIMATOLOGY-2: variables of one unit share their scales, so that normalising does not change which errors matter.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/field_cache.hpp"
#include "data/regrid.hpp"
#include "runtime/vocabulary/result.hpp"

namespace fulmar::data {

/// [task] anomalies: against what.
enum class AnomalyKind {
  none,  ///< the variable's mean over space and the training period: a constant
  month  ///< each point's mean of the calendar month
};

struct FieldScales {
  double mean = 0;         ///< area weighted, over the training period
  double deviation = 0;    ///< RMS of the field about its mean; shared within a unit
  double anomaly_rms = 0;  ///< RMS of the fine anomalies; shared within a unit
};

class Climatology {
 public:
  /// `row_weights`: [rows], area weights. Errors name the variable.
  static Result<Climatology> fit(const FieldCache& fields, const std::vector<std::size_t>& training_times,
                                 AnomalyKind kind, const Regridding& regridding, std::span<const double> row_weights);

  AnomalyKind kind() const { return kind_; }

  /// The expected field of a calendar month (1 … 12), on the fine grid and as block means.
  std::span<const float> fine(std::size_t variable, int month) const;
  std::span<const float> coarse(std::size_t variable, int month) const;

  const FieldScales& scales(std::size_t variable) const { return scales_[variable]; }

  /// As this machine keeps it, and back; nothing where the bytes are not of a climatology.
  std::string to_bytes() const;
  static std::optional<Climatology> from_bytes(std::string_view bytes);

 private:
  struct Monthly {
    std::vector<float> fine, coarse;
  };
  using Year = std::array<Monthly, 12>;

  Result<void> fit_means(const FieldCache& fields, const std::vector<std::size_t>& times, const Regridding& regridding,
                         std::span<const double> row_weights);
  Result<void> fit_scales(const FieldCache& fields, const std::vector<std::size_t>& times,
                          std::span<const double> row_weights);
  void flatten_to_mean();

  AnomalyKind kind_ = AnomalyKind::month;
  std::vector<Year> years_;          ///< by variable
  std::vector<FieldScales> scales_;  ///< by variable
};

}  // namespace fulmar::data
