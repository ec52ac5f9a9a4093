/** The public names of the Regions' APIs, and what each leads to. */

import type { RegionModel } from '../region-model.ts';

export interface ApiHost {
  readonly region: string;
  readonly stageName: string;
  /** Whether callers write the stage themselves, as they do with the names that AWS gives. */
  readonly stageInPath: boolean;
}

/**
 * By host name: `<api id>.execute-api.<region>.amazonaws.com`, and the custom domain names that lead to
 * one Region alone. Where a name that both Regions have leads is DNS's to say: it is not among them. Pure.
 */
export function apiHosts(
  regions: readonly Pick<RegionModel, 'region' | 'restApis' | 'apiDomains'>[],
): ReadonlyMap<string, ApiHost> {
  const hosts = new Map<string, ApiHost>();
  for (const { region, restApis } of regions) {
    for (const { id, stageName } of restApis) {
      const host = `${id}.execute-api.${region}.amazonaws.com`;
      hosts.set(host, { region, stageName, stageInPath: true });
    }
  }
  const domains = regions.flatMap(({ region, apiDomains }) =>
    apiDomains.map(({ domainName, stageName }) => ({ domainName, region, stageName })),
  );
  for (const { domainName, ...target } of domains) {
    const homes = domains.filter((other) => other.domainName === domainName);
    if (homes.length === 1) hosts.set(domainName, { ...target, stageInPath: false });
  }
  return hosts;
}

/**
 * The path and query by which the Region's own port serves what is asked of the host; null where API
 * Gateway would refuse it, because the stage is missing. Pure.
 */
export function pathAtRegion({ stageName, stageInPath }: ApiHost, url: string): string | null {
  if (!stageInPath) return `/${stageName}${url.startsWith('/') ? url : `/${url}`}`;
  const [path = ''] = url.split('?');
  return path === `/${stageName}` || path.startsWith(`/${stageName}/`) ? url : null;
}
