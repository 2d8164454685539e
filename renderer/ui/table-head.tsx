/** A table's head: a column for each name, and one without a visible name where rows carry actions. */
export function TableHead({ names, actions }: { readonly names: readonly string[]; readonly actions?: string }) {
  return (
    <thead className="text-xs text-muted">
      <tr>
        {names.map(name => (
          <th key={name} scope="col" className="px-3 py-1.5 font-normal">
            {name}
          </th>
        ))}
        {actions !== undefined && (
          <th scope="col">
            <span className="sr-only">{actions}</span>
          </th>
        )}
      </tr>
    </thead>
  )
}
