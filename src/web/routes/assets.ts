// The style sheets, fonts and images of static/.

import type { Express } from "express";
import type { Assets } from "../assets.ts";
import { addGetRoute, type RouteContext } from "../routing.ts";

export function assetRoutes(app: Express, { send }: RouteContext, assets: Assets): void {
  for (const [url, asset] of assets.byUrl)
    addGetRoute(app, url, (_request, response) => {
      if (asset.type.startsWith("image/"))
        response.set("Cross-Origin-Resource-Policy", "cross-origin"); // feed readers show the icon
      send(response, asset);
    });
}
