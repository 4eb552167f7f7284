/**
 * What settings.py and prepare.py read, out of the environment of the platform: DJANGO_SECRET_KEY,
 * DJANGO_ADMIN, DJANGO_ADMIN_PASSWORD_HASH, DJANGO_ALLOWED_HOSTS, DJANGO_DEBUG.
 */
export function django(environment: object): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).filter(
      (entry): entry is [string, string] =>
        entry[0].startsWith("DJANGO_") && typeof entry[1] === "string",
    ),
  );
}
