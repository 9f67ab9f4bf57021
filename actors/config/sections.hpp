// The sections of a config, one function each: what each key means, what it may be, what it is when it is left out.
// Thread rule: pure functions.
#pragma once

#include <string>

#include "actors/config/run_config.hpp"
#include "actors/config/section_reader.hpp"

namespace fulmar::config {

/// What a section is read from: the document, the file's name, and where problems go.
struct Source {
  const Table& document;
  const std::string& file;
  Problems& problems;

  SectionReader section(const std::string& name) const { return {document, name, file, problems}; }
};

void read_run(const Source& source, RunSection& run);
void read_data(const Source& source, data::DataSpec& data);
void read_task(const Source& source, data::TaskSpec& task);
void read_model(const Source& source, models::ModelSpec& model);
void read_optimizer(const Source& source, core::OptimizerSettings& optimizer);
void read_policy(const Source& source, PolicySection& policy, core::StalenessRemedies& remedies);
void read_stop(const Source& source, const data::DataSpec& data, StopSection& stop);
void read_checkpoint(const Source& source, CheckpointSection& checkpoint);

/// Reports sections that are none of these.
void refuse_other_sections(const Source& source);

}  // namespace fulmar::config
