/** The Grafana dashboard as tests see it: panels and their queries. @module */
import dashboard from "../../deploy/grafana/ktm.json" with { type: "json" };

/** The dashboard file. */
export const DASHBOARD = dashboard;

/** Panels that show something; a row is a title. */
export const PANELS = DASHBOARD.panels.filter(({ type }) => type !== "row");

/** One query of a panel. */
export interface PanelQuery {
  /** The panel's title and the query's letter. */
  readonly name: string;
  readonly expr: string;
}

/** What Grafana puts in place of its variables. */
export type Variables = Readonly<Record<string, string>>;

/** Every query of every panel, with the variables in place. */
export function panelQueries(variables: Variables): PanelQuery[] {
  return PANELS.flatMap(({ title, targets = [] }) =>
    targets.map(({ refId, expr }) => ({
      name: `${title} ${refId}`,
      expr: expr.replaceAll(/\$(\w+)/g, (_, name: string) => {
        const value = variables[name];
        if (value === undefined) throw new Error(`Cannot evaluate ${title}: nothing is known of $${name}`);
        return value;
      }),
    }))
  );
}
