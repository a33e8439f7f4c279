import { PageHeader } from '../shared/page_header.tsx';

export function MonitorPage() {
  return (
    <>
      <PageHeader current="monitor" />
      <main id="main" className="p-4">
        <h1 className="text-xl font-semibold">Monitor</h1>
      </main>
    </>
  );
}
