// What a dashboard file of monitoring/grafana/dashboards may hold: the types that Grafana itself generates its code from,
// as JSON writes them, and narrower where a slip would show only on the screen.
//
// GRAFANA-1: no key and no value of an enumeration that the schema does not have, in options and fields of each kind of panel.
// GRAFANA-2: every panel has a title, a description and a place, and asks the data source that is chosen above.
// GRAFANA-3: an override sets a property that exists, to a value of its type.
import type {
  AnnotationQuery,
  Dashboard,
  DataQuery,
  FieldConfig,
  GraphFieldConfig,
  GridPos,
  Panel,
  RowPanel,
  TableFieldOptions,
  VariableModel,
} from "@grafana/schema";
import type * as heatmap from "@grafana/schema/dist/esm/raw/composable/heatmap/panelcfg/x/HeatmapPanelCfg_types.gen.d.ts";
import type * as stat from "@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen.d.ts";
import type * as timeline from "@grafana/schema/dist/esm/raw/composable/statetimeline/panelcfg/x/StateTimelinePanelCfg_types.gen.d.ts";
import type * as table from "@grafana/schema/dist/esm/raw/composable/table/panelcfg/x/TablePanelCfg_types.gen.d.ts";
import type * as timeseries from "@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen.d.ts";

/** T as JSON writes it: the values of an enumeration instead of its names. */
type Json<T> = unknown extends T
  ? T
  : T extends string
    ? `${T}`
    : T extends (infer Item)[]
      ? Json<Item>[]
      : T extends object
        ? { [Key in keyof T]: Json<T[Key]> }
        : T;

interface Prometheus {
  type: "prometheus";
  uid: "${datasource}";
}

/** Of Grafana's Prometheus data source, whose types @grafana/schema does not have since version 11. */
interface Query extends Omit<DataQuery, "datasource"> {
  datasource: Prometheus;
  editorMode: "code";
  expr: string;
  format?: "time_series" | "table" | "heatmap";
  instant?: boolean;
  interval?: string;
  legendFormat?: string;
  range: boolean;
}

/** In the form that every Grafana since 8 reads; 12 makes a target of it when it loads. */
interface PrometheusAnnotation extends Omit<AnnotationQuery, "datasource" | "target"> {
  datasource: Prometheus;
  expr: string;
  step: string;
  tagKeys: string;
  textFormat: string;
  titleFormat: string;
  useValueForTime?: boolean;
}

interface OwnAnnotation extends Omit<AnnotationQuery, "datasource"> {
  builtIn: 1;
  datasource: { type: "grafana"; uid: "-- Grafana --" };
}

interface Variable extends Omit<VariableModel, "datasource" | "query"> {
  datasource: Prometheus;
  query: { qryType: 1; query: string; refId: string };
  type: "query";
}

interface DataSourceVariable extends Omit<VariableModel, "datasource" | "query"> {
  query: "prometheus";
  type: "datasource";
}

type Fields<Custom> = Omit<FieldConfig, "custom"> & { custom?: Custom };

type Property<Custom> =
  | { [Key in keyof FieldConfig]-?: { id: Key; value: FieldConfig[Key] } }[Exclude<keyof FieldConfig, "custom">]
  | { [Key in keyof Custom & string]-?: { id: `custom.${Key}`; value: Custom[Key] } }[keyof Custom & string];

interface Override<Custom> {
  matcher: { id: "byName" | "byRegexp"; options: string };
  properties: Property<Custom>[];
}

interface PanelOf<Kind extends string, Options, Custom = Record<string, never>>
  extends Omit<Panel, "datasource" | "fieldConfig" | "gridPos" | "options" | "targets" | "type"> {
  datasource: Prometheus;
  description: string;
  fieldConfig: { defaults: Fields<Custom>; overrides: Override<Custom>[] };
  gridPos: GridPos;
  id: number;
  options: Options;
  targets: Query[];
  title: string;
  type: Kind;
}

type AnyPanel =
  | PanelOf<"heatmap", heatmap.Options, heatmap.FieldConfig>
  | PanelOf<"stat", stat.Options>
  | PanelOf<"state-timeline", timeline.Options, timeline.FieldConfig>
  | PanelOf<"table", table.Options, TableFieldOptions>
  | PanelOf<"timeseries", timeseries.Options, GraphFieldConfig>
  | (Omit<RowPanel, "panels"> & { gridPos: GridPos; panels: []; title: string });

export type CheckedDashboard = Json<
  Omit<Dashboard, "annotations" | "panels" | "templating"> & {
    annotations: { list: (PrometheusAnnotation | OwnAnnotation)[] };
    description: string;
    panels: AnyPanel[];
    templating: { list: (Variable | DataSourceVariable)[] };
    title: string;
    uid: string;
  }
>;
