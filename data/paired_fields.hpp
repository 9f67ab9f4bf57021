// The data of a downscaling run: fine fields, the coarse ones made from them by block means, the splits, and what was
// fitted on the training period.
//
// Thread rule: immutable after open(), but for the cache, which guards itself; every method from any thread.
//
// PAIRED-1: a coarse anomaly is never NaN: where a coarse value or its climatology is missing, nothing unusual is
// assumed.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "data/climatology.hpp"
#include "data/field_cache.hpp"
#include "data/regrid.hpp"
#include "data/splits.hpp"
#include "data/task.hpp"

namespace fulmar::data {

/// Every field of one time that a sample is made of.
struct FieldPair {
  int month = 1;
  std::vector<Field> fine;              ///< by variable
  std::vector<float> coarse_anomalies;  ///< [variable][coarse cell]
};

class PairedFields {
 public:
  /// Checks the specs, opens the files, fits the climatology. Errors name the key, the file and the remedy.
  static Result<std::unique_ptr<const PairedFields>> open(const DataSpec& data, const TaskSpec& task);

  const GriddedDataset& dataset() const { return fields_.dataset(); }
  const Grid& grid() const { return fields_.dataset().grid(); }
  const FieldCache& fields() const { return fields_; }
  const Splits& splits() const { return splits_; }
  const Regridding& regridding() const { return regridding_; }
  const Climatology& climatology() const { return climatology_; }
  /// [rows]: the area weight of one point.
  std::span<const double> row_weights() const { return row_weights_; }

  /// Variables are numbered: the targets first, then the inputs that are no targets.
  std::size_t target_count() const { return target_count_; }
  std::size_t variable_count() const { return dataset().variables().size(); }
  const std::vector<std::size_t>& inputs() const { return inputs_; }
  std::vector<std::string> target_names() const;

  Result<FieldPair> at(std::size_t time) const;

  /// The coarse anomaly of a variable within a pair.
  std::span<const float> coarse_anomaly(const FieldPair& pair, std::size_t variable) const;

  /// The coarse field itself, without NaN: climatology (the variable's mean where there is none) plus anomaly.
  void coarse_field(const FieldPair& pair, std::size_t variable, std::span<float> coarse) const;

  /// The fine field that is expected from the coarse one without learning: fine climatology plus, where asked for, the
  /// bilinear coarse anomaly. NaN where the climatology is missing.
  void expected_fine(const FieldPair& pair, std::size_t variable, bool with_anomaly, std::span<float> fine) const;

 private:
  PairedFields(GriddedDataset dataset, std::size_t cache_bytes, std::size_t factor);

  /// A fit to a large set is kept on this machine for the next time.
  Result<Climatology> fit_climatology(AnomalyKind anomalies) const;

  FieldCache fields_;
  Splits splits_;
  Regridding regridding_;
  std::vector<double> row_weights_;
  Climatology climatology_;
  std::size_t target_count_ = 0;
  std::vector<std::size_t> inputs_;
};

}  // namespace fulmar::data
