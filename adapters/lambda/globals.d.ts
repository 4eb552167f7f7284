// Named by the types of aws4fetch, and by none of Node's.

type HeadersInit = NonNullable<RequestInit["headers"]>;
type BodyInit = NonNullable<RequestInit["body"]>;
