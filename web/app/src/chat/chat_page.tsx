import { PageHeader } from '../shared/page_header.tsx';

export function ChatPage() {
  return (
    <>
      <PageHeader current="chat" />
      <main id="main" className="p-4">
        <h1 className="text-xl font-semibold">Chat</h1>
      </main>
    </>
  );
}
