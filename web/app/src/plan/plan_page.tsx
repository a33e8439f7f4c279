import { PageHeader } from '../shared/page_header.tsx';

export function PlanPage() {
  return (
    <>
      <PageHeader current="plan" />
      <main id="main" className="p-4">
        <h1 className="text-xl font-semibold">Capacity</h1>
      </main>
    </>
  );
}
