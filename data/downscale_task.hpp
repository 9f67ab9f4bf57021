// Task "downscale": a fine field from the means of its blocks of factor × factor points.
//
// Thread rule: as Task: immutable after open(), load() from any thread.
//
// DOWNSCALE-1: input channels, InputLayout::grid, each on the fine grid, in this order:
//     bilinear anomaly of every input, nearest anomaly of every input            (÷ the variable's anomaly RMS)
//     bilinear field of every input, fine climatology of every target            (standardised; with a climatology
//     only) static channels as configured, sin and cos of latitude, sin and cos of the month
// DOWNSCALE-2: input, InputLayout::vector: the coarse anomalies (÷ anomaly RMS), [input][coarse latitude][longitude].
// DOWNSCALE-3: target = (fine − expected) ÷ anomaly RMS. Expected is the fine climatology, plus the bilinear coarse
// anomaly
//              where the residual is learnt. Without a climatology its place is taken by the variable's mean.
// DOWNSCALE-4: where the truth or its climatology is missing, mask and target are 0; a missing input is no anomaly.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "data/paired_fields.hpp"
#include "data/static_fields.hpp"
#include "data/task.hpp"

namespace fulmar::data {

class DownscaleTask final : public Task {
 public:
  static Result<std::shared_ptr<const Task>> open(const DataSpec& data, const TaskSpec& task, InputLayout layout);

  std::size_t sample_count(Split split) const override;
  FieldExtent input_extent() const override;
  FieldExtent output_extent() const override;
  std::span<const float> area_weight() const override { return area_weight_; }
  std::string unit() const override;
  Result<void> load(Split split, std::size_t index, std::span<float> input, std::span<float> target,
                    std::span<std::uint8_t> mask) const override;
  Result<Scores> score(Split split, std::span<const float> outputs) const override;
  Result<std::vector<std::pair<std::string, Scores>>> baselines(Split split) const override;
  const Grid& grid() const override { return pairs_->grid(); }
  Result<SampleFields> fields(Split split, std::size_t index, std::span<const float> output) const override;
  std::string base() const override;
  Result<std::vector<Polyline>> land_outline() const override;
  std::map<std::string, double> statistics() const override;
  std::string fingerprint() const override { return fingerprint_; }

 private:
  DownscaleTask(std::unique_ptr<const PairedFields> pairs, const std::vector<StaticChannel>& statics, bool residual,
                InputLayout layout);

  std::size_t time_of(Split split, std::size_t index) const;
  void write_channels(const FieldPair& pair, std::span<float> input) const;
  void write_coarse(const FieldPair& pair, std::span<float> input) const;
  void write_target(const FieldPair& pair, std::span<float> target, std::span<std::uint8_t> mask) const;
  /// The fine field that the network's output for a target stands for.
  void write_prediction(const FieldPair& pair, std::size_t target, std::span<const float> output,
                        std::span<float> prediction) const;
  std::string label(std::size_t time) const;
  Result<std::string> digest() const;

  std::unique_ptr<const PairedFields> pairs_;
  bool residual_;
  InputLayout layout_;
  std::vector<float> area_weight_;
  std::size_t constant_count_ = 0;
  std::vector<float> constants_;  ///< [constant channel][fine point]: static fields, sin and cos of latitude
  std::vector<StaticFieldSpec> statics_;
  std::string fingerprint_;
};

}  // namespace fulmar::data
